"""
The simulation: many authorities, real processes and sockets, and a network that fails them from a seed.

- `faults`: what can go wrong, and what does at which message.
- `plan`: who lives where, who sends what to whom, who dies when: everything that follows from the seed.
- `wire`: stands before every gateway and does to requests what the faults say.
- `senders`, `consumers`: the authorities' own systems.
- `operator`: sends again what was given up.
- `ledger`: what consumers got, as they wrote it down.
- `books`: whether all of it adds up.
- `network`: the gateways with all of that around them; `play` runs one plan on it.
"""
