"""Messages of a device that asks for its next certificate. Knows no authority."""

from typing import Annotated

import msgspec

from hpserver.protocol.catalogue.fields import Answer, CertificateRequest, Request

DeviceCertificate = Annotated[bytes, msgspec.Meta(max_length=4096)]


class RenewCertificate(Request, frozen=True, tag=40):
    """Client, logged in: this device's certificate grows old, or its issuer was replaced; give it the next one.

    From the 60th of its 90 days on, or when the server's own certificate has another issuer than the device's; before,
    Failed with EnrolmentRefusedError and the cause `not_due`. The one there is stays good until its own end.

    Attributes:
        certificate: the one that this connection was made with, in DER.
        request: PKCS#10 certificate request in DER, signed by the key of that certificate: the key stays.
    """

    certificate: DeviceCertificate
    request: CertificateRequest


class CertificateRenewed(Answer, frozen=True, tag=41):
    """Server: the device's next certificate, for the next connection.

    Attributes:
        certificates: in DER: the device's own first, then its issuers, without the root.
    """

    certificates: tuple[bytes, ...]
