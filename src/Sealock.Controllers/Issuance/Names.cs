// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Issuance;

/// <summary>Names of the objects that are made for a Certificate: always the same ones, so that no step is done twice.</summary>
internal static class Names
{
    private const int LongestName = 253;

    /// <summary>The request of a revision: <c>NAME-REVISION</c>, the name cut and told apart by its hash where it is too long.</summary>
    public static string Request(CertificateView certificate, int revision) =>
        Join(certificate.Metadata.Name, revision.ToString(CultureInfo.InvariantCulture));

    /// <summary>The Secret of the key to come.</summary>
    public static string NextKey(CertificateView certificate) => Join(certificate.Metadata.Name, Hash(certificate.Metadata.Uid, 5));

    /// <summary>An owner reference by which an object goes with a Certificate.</summary>
    public static JsonArray OwnedBy(CertificateView certificate) => new(new JsonObject
    {
        ["apiVersion"] = IssuanceResources.ApiVersion,
        ["kind"] = "Certificate",
        ["name"] = certificate.Metadata.Name,
        ["uid"] = certificate.Metadata.Uid,
        ["controller"] = true,
        ["blockOwnerDeletion"] = true,
    });

    /// <summary>Hexadecimal digits of a text's hash.</summary>
    public static string Hash(string text, int digits) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..digits];

    /// <summary>Two parts of a name; the first is cut, and told apart by its hash, where both together are too long.</summary>
    public static string Join(string name, string suffix) => name.Length + 1 + suffix.Length <= LongestName
        ? $"{name}-{suffix}"
        : $"{name[..(LongestName - 10 - suffix.Length)].TrimEnd('-', '.')}-{Hash(name, 8)}-{suffix}";
}
