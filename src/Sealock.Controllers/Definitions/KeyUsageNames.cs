// SPDX-License-Identifier: Apache-2.0
using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Sealock.Controllers.Definitions;

/// <summary>The values that <c>spec.usages</c> of a CertificateSigningRequest may have (certificates.k8s.io KeyUsage).</summary>
internal static class KeyUsageNames
{
    public const string DigitalSignature = "digital signature";
    public const string KeyEncipherment = "key encipherment";
    public const string ClientAuth = "client auth";
    public const string ServerAuth = "server auth";

    /// <summary>All 23, sorted.</summary>
    public static ImmutableArray<string> All { get; } =
    [
        "any", "cert sign", ClientAuth, "code signing", "content commitment", "crl sign", "data encipherment",
        "decipher only", DigitalSignature, "email protection", "encipher only", "ipsec end system", "ipsec tunnel",
        "ipsec user", "key agreement", KeyEncipherment, "microsoft sgc", "netscape sgc", "ocsp signing", "s/mime",
        ServerAuth, "signing", "timestamping",
    ];

    private static readonly FrozenSet<string> Known = All.ToFrozenSet(StringComparer.Ordinal);

    public static bool IsKnown(string usage) => Known.Contains(usage);
}
