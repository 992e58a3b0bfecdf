"""
Messages between gateways: envelopes, receipts, who receives what, and what becomes of a delivery.

Values in, values out: signing, sending and storing happen elsewhere.
"""
