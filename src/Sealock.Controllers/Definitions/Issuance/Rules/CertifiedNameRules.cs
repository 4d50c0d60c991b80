// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Sealock.Pki.Paths;

namespace Sealock.Controllers.Definitions.Issuance.Rules;

/// <summary>A name that cannot be certified.</summary>
/// <param name="Field">Its list in the specification.</param>
/// <param name="Index">Its place there.</param>
/// <param name="Name">The name.</param>
/// <param name="Problem">What is expected.</param>
internal sealed record UncertifiableName(string Field, int Index, string Name, string Problem)
{
    /// <inheritdoc/>
    public override string ToString() => $"spec.{Field}[{Index}]: \"{Name}\" {Problem}";
}

/// <summary>
/// Names that no issuer certifies. cert-manager's webhook lets them pass and the issuance fails later, again and again; what an issuer
/// of another group might take is left to it.
/// </summary>
internal static class CertifiedNameRules
{
    private const int LongestUri = 2048;
    private const int LongestDnsName = 253;

    /// <summary>Those among the names of a Certificate.</summary>
    /// <param name="isOwnIssuer">Whether the issuer is of a kind that is served here.</param>
    /// <param name="dnsNames">Its DNS names.</param>
    /// <param name="uris">Its URIs.</param>
    public static IEnumerable<UncertifiableName> Find(bool isOwnIssuer, IEnumerable<string> dnsNames, IEnumerable<string> uris) =>
    [
        .. dnsNames.Index().Where(name => isOwnIssuer
                ? !HostNames.IsValidDnsName(name.Item, allowWildcard: true) : name.Item.Length > LongestDnsName || !IsEncodable(name.Item))
            .Select(name => new UncertifiableName(
                "dnsNames", name.Index, name.Item, "must be a DNS name, such as www.example.com; a wildcard is the whole first label, such as *.example.com")),
        .. uris.Index().Where(uri => !Uri.TryCreate(uri.Item, UriKind.Absolute, out _) || !uri.Item.Contains(':', StringComparison.Ordinal)
                || uri.Item.Length > LongestUri || !IsEncodable(uri.Item))
            .Select(uri => new UncertifiableName("uris", uri.Index, uri.Item, "must be an absolute URI in ASCII, such as spiffe://example.com/web")),
    ];

    private static bool IsEncodable(string text) => text.Length > 0 && Ascii.IsValid(text) && !text.AsSpan().ContainsAnyInRange('\0', ' ');
}
