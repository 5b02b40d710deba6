"""A local certificate authority, made at first start, and the certificates of clusters' endpoints."""

from __future__ import annotations

import hashlib
import ipaddress
import socket
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from slipher.base.secretfiles import write_secret

SYSTEM_CERTIFICATES = ("/etc/ssl/certs", "/etc/pki/tls/certs", "/usr/local/etc/openssl/certs")


class Authority:
    """The CA in `directory`: ca.pem, ca.key, `trust/`, a directory for SSL_CERT_DIR, and bundle.pem, for AWS_CA_BUNDLE."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.certificate_file = directory / "ca.pem"
        self._key_file = directory / "ca.key"
        self.trust_directory = directory / "trust"
        self.bundle_file = directory / "bundle.pem"

    def ensure(self) -> None:
        """Make the CA if there is none; a half-made one is made anew."""
        self.directory.mkdir(mode=0o700, exist_ok=True)
        if not (self.certificate_file.exists() and self._key_file.exists()):
            key = ec.generate_private_key(ec.SECP256R1())
            name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "slipher local ca " + _fingerprint(key))])
            certificate = (
                _builder(name, name, key.public_key(), years=20)
                .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
                .add_extension(_usage(ca=True), critical=True)
                .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
                .sign(key, hashes.SHA256())
            )
            write_secret(self._key_file, _key_pem(key))
            self.certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        self.trust_directory.mkdir(exist_ok=True)
        self._write_bundle()
        hashed = self.trust_directory / f"{_subject_hash(self._certificate())}.0"
        if not hashed.exists():
            hashed.write_bytes(self.certificate_file.read_bytes())

    def issue(self, host: str, certificate_file: Path, key_file: Path, also: Sequence[str] = ()) -> None:
        """Make a certificate for an address or name, and others, unless a good one for them is there."""
        wanted = tuple(dict.fromkeys((host, "localhost", *also)))
        if certificate_file.exists() and key_file.exists() and _names(certificate_file) >= set(wanted):
            return
        issuer = self._certificate()
        issuer_key = serialization.load_pem_private_key(self._key_file.read_bytes(), None)
        assert isinstance(issuer_key, ec.EllipticCurvePrivateKey)
        key = ec.generate_private_key(ec.SECP256R1())
        names = [_general_name(name) for name in wanted]
        certificate = (
            _builder(
                x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)]), issuer.subject, key.public_key(), years=5
            )
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(ca=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([x509.oid.ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
            .sign(issuer_key, hashes.SHA256())
        )
        certificate_file.parent.mkdir(parents=True, exist_ok=True)
        write_secret(key_file, _key_pem(key))
        certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def issue_gateway(self, host: str) -> None:
        """The certificate of the AWS endpoint: by address and by the names that clients on this machine and others use."""
        name = socket.gethostname()
        also = ["127.0.0.1", "*.localhost", "*.s3.localhost"]
        if name.isascii() and 0 < len(name) < 64:
            also += [name, f"*.{name}"]
        self.issue(host, self.directory / "gateway.pem", self.directory / "gateway.key", also)

    def trust_path(self) -> str:
        """SSL_CERT_DIR: our directory, then the system's."""
        system = [directory for directory in SYSTEM_CERTIFICATES if Path(directory).is_dir()]
        return ":".join([str(self.trust_directory), *system])

    def _write_bundle(self) -> None:
        """AWS_CA_BUNDLE: clients of AWS take it in place of the authorities that they bring, so those are in it too."""
        package = find_spec("botocore")
        public = Path(package.origin).parent / "cacert.pem" if package and package.origin else None
        text = self.certificate_file.read_bytes() + (public.read_bytes() if public and public.exists() else b"")
        if not self.bundle_file.exists() or self.bundle_file.read_bytes() != text:
            self.bundle_file.write_bytes(text)

    def _certificate(self) -> x509.Certificate:
        return x509.load_pem_x509_certificate(self.certificate_file.read_bytes())


def _fingerprint(key: ec.EllipticCurvePrivateKey) -> str:
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(public).hexdigest()[:12]


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, years: int
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365 * years))
    )


def _usage(ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=not ca,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _names(certificate_file: Path) -> set[str]:
    certificate = x509.load_pem_x509_certificate(certificate_file.read_bytes())
    if certificate.not_valid_after_utc < datetime.now(UTC) + timedelta(days=30):
        return set()
    extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return {str(name.value) for name in extension}


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _subject_hash(certificate: x509.Certificate) -> str:
    """OpenSSL's X509_NAME_hash for a subject of one common name: how SSL_CERT_DIR finds a certificate.

    The canonical form is the name's only RDN, as UTF8String, lower case, without the outer SEQUENCE.
    """
    value = str(certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value).lower().encode()

    def der(tag: int, content: bytes) -> bytes:
        return bytes((tag, len(content))) + content

    canonical = der(0x31, der(0x30, der(0x06, bytes((0x55, 0x04, 0x03))) + der(0x0C, value)))
    return f"{int.from_bytes(hashlib.sha1(canonical).digest()[:4], 'little'):08x}"
