// SPDX-License-Identifier: Apache-2.0
using System.Formats.Asn1;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Sealock.Acme.Jose;
using Sealock.Acme.Messages;
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;
using Sealock.Pki.Tls;

namespace Sealock.Acme.Challenges;

/// <summary>
/// What a TLS-ALPN-01 validation must find in a handshake on port 443 (RFC 8737): a self-signed certificate with the digest of
/// the key authorization. The value can be shared between replicas; each makes a certificate of its own from it.
/// </summary>
/// <param name="Identifier">The name or address that is validated.</param>
/// <param name="Digest">The SHA-256 of the key authorization, in lower-case hexadecimal.</param>
public sealed record TlsAlpn01Answer(AcmeIdentifier Identifier, string Digest)
{
    /// <summary>The protocol that the validating server offers by ALPN, and no other.</summary>
    public const string Protocol = "acme-tls/1";

    private const string AcmeIdentifierExtension = "1.3.6.1.5.5.7.1.31";

    /// <summary>
    /// The server name in the handshake: the DNS name, or for an IP address its name in in-addr.arpa or ip6.arpa (RFC 8738).
    /// </summary>
    public string ServerName => Identifier.Address is { } address ? ReverseName(address) : Identifier.BaseName;

    /// <summary>The answer to a challenge.</summary>
    public static TlsAlpn01Answer Create(AccountKey key, AcmeIdentifier identifier, AcmeChallenge challenge) => new(
        identifier, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key.KeyAuthorization(challenge.Token)))));

    /// <summary>The certificate to present, with a key of its own.</summary>
    /// <param name="now">The time; it is valid for a day.</param>
    public ServingCertificate CreateCertificate(DateTimeOffset now)
    {
        using var key = KeyPair.Generate();
        var name = Identifier.Address is { } address ? GeneralName.Ip(address) : GeneralName.Dns(Identifier.BaseName);
        var result = CertificateAuthority.SelfSign(
            new()
            {
                Subject = DistinguishedName.Create("ACME challenge"),
                PublicKey = key.PublicKey,
                Profile = CertificateProfile.Server,
                Names = new([name]),
                Lifetime = TimeSpan.FromDays(1),
                Extensions = [new(AcmeIdentifierExtension, IsCritical: true, Octets(Convert.FromHexString(Digest)))],
            },
            key, now);
        return ServingCertificate.Create([result.Require()], key);
    }

    /// <summary>The name by which reverse lookups ask for an address.</summary>
    public static string ReverseName(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        return bytes.Length == 4
            ? string.Create(CultureInfo.InvariantCulture, $"{bytes[3]}.{bytes[2]}.{bytes[1]}.{bytes[0]}.in-addr.arpa")
            : string.Join('.', Convert.ToHexStringLower(bytes).Reverse()) + ".ip6.arpa";
    }

    private static byte[] Octets(byte[] digest)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteOctetString(digest);
        return writer.Encode();
    }
}
