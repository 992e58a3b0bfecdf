"""What settings only mean together."""

from gateway.config.settings import PartnerSettings, Settings
from gateway.errors import ConfigurationError
from gateway.exchange.addresses import is_safe_address
from gateway.exchange.channels import ChannelRule


def check(settings: Settings) -> None:
    """What only makes sense together (step 4)."""
    if not settings.authority:
        raise ConfigurationError("no [[authority]] lives here", advice='add one with id = "CH:MA"')
    seen: set[str] = set()
    names = [str(a.id) for a in settings.authority]
    names += [str(a.id) for partner in settings.partner for a in partner.authority]
    names += [partner.id for partner in settings.partner]
    for name in names:
        if name in seen:
            raise ConfigurationError(f"{name} stands twice in the configuration")
        seen.add(name)
    if (settings.gateway.key is None) != (settings.gateway.certificate is None):
        raise ConfigurationError("[gateway] needs both key and certificate, or neither")
    for authority in settings.authority:
        if (authority.key is None) != (authority.certificate is None):
            raise ConfigurationError(f"authority {authority.id} needs both key and certificate, or neither")
    if settings.worker.lease_seconds <= settings.transport.answer_seconds:
        raise ConfigurationError(
            "worker.lease_seconds must be longer than transport.answer_seconds",
            advice="otherwise another worker sends the same message while the partner may still answer",
        )
    for partner in settings.partner:
        _check_partner(partner)
        _check_channels(partner, settings)
    _check_webhooks(settings)
    _check_tls(settings)


def _check_partner(partner: PartnerSettings) -> None:
    """A partner that can be believed and reached."""
    if not partner.certificates:
        raise ConfigurationError(
            f"partner {partner.id} has no certificate, so nothing that it sends could be believed",
            advice="ask its operator for the gateway certificate and name the file in certificates",
        )
    if ":" in partner.id or not all(url.startswith(("http://", "https://")) for url in partner.addresses):
        raise ConfigurationError(f"partner {partner.id} needs an id without a colon and an http(s) url")


def _check_channels(partner: PartnerSettings, settings: Settings) -> None:
    """Nobody acts for an authority that lives here, or for one that lives behind it anyway."""
    places = [(authority.id, "here") for authority in settings.authority]
    places += [(authority.id, "behind it") for authority in partner.authority]
    for authority, place in places:
        if authority in partner.partner().under(ChannelRule.ACT_FOR):
            raise ConfigurationError(
                f"partner {partner.id} cannot act for {authority}, which lives {place}",
                advice="take the channel away",
            )


def _check_webhooks(settings: Settings) -> None:
    """Each has a name of its own, and tells an authority that lives here."""
    hosted = {authority.id for authority in settings.authority}
    seen: set[str] = set()
    for webhook in settings.webhook:
        if webhook.name in seen:
            raise ConfigurationError(f"webhook {webhook.name} stands twice in the configuration")
        seen.add(webhook.name)
        if webhook.authority not in hosted:
            raise ConfigurationError(
                f"webhook {webhook.name} is for {webhook.authority}, which does not live here",
                advice=f"name one of {', '.join(map(str, sorted(hosted)))}",
            )


def _check_tls(settings: Settings) -> None:
    """What the settings about TLS only mean together (step 4)."""
    web = settings.web
    if web.client_certificates != "none" and web.tls is None and web.proxy is None:
        raise ConfigurationError(
            f'web.client_certificates is "{web.client_certificates}", but nobody could show us one',
            advice="add [web.tls], or [web.proxy] when a proxy ends TLS in front of the gateway",
        )
    if web.client_certificates == "none" and web.proxy is not None:
        raise ConfigurationError(
            'web.client_certificates is "none", so nobody would look at what [web.proxy] passes',
            advice='say client_certificates = "optional" or "required" in [web], or remove [web.proxy]',
        )
    for authority in settings.authority:
        if web.client_certificates == "none" and authority.client_certificates:
            raise ConfigurationError(
                f'authority {authority.id} has client_certificates, but web.client_certificates is "none"',
                advice='say client_certificates = "optional" in [web], so that callers are asked for theirs',
            )
    for partner in settings.partner:
        if web.client_certificates == "required" and not partner.tls_certificates:
            raise ConfigurationError(
                f'web.client_certificates is "required", but partner {partner.id} has no tls_certificates',
                advice='register its client certificate, or say client_certificates = "optional"',
            )
        if partner.tls_server_check == "certificate" and not partner.tls_certificates:
            raise ConfigurationError(
                f"partner {partner.id} is checked by its certificate, but has no tls_certificates",
                advice="name the certificate of its server in tls_certificates",
            )
        for url in partner.addresses:
            if settings.environment != "development" and not is_safe_address(url):
                raise ConfigurationError(
                    f"partner {partner.id} has the url {url}, which sends permits unprotected",
                    advice="use https; http is for addresses of this machine itself, and for development",
                )
