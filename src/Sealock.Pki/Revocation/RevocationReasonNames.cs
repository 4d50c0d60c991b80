// SPDX-License-Identifier: Apache-2.0
using System.Collections.Frozen;

namespace Sealock.Pki.Revocation;

/// <summary>The names of the reasons that a complete list may give (RFC 5280 5.3.1, as in its ASN.1).</summary>
public static class RevocationReasonNames
{
    private static readonly FrozenDictionary<RevocationReason, string> Names = new Dictionary<RevocationReason, string>
    {
        [RevocationReason.Unspecified] = "unspecified",
        [RevocationReason.KeyCompromise] = "keyCompromise",
        [RevocationReason.CaCompromise] = "cACompromise",
        [RevocationReason.AffiliationChanged] = "affiliationChanged",
        [RevocationReason.Superseded] = "superseded",
        [RevocationReason.CessationOfOperation] = "cessationOfOperation",
        [RevocationReason.CertificateHold] = "certificateHold",
        [RevocationReason.PrivilegeWithdrawn] = "privilegeWithdrawn",
        [RevocationReason.AaCompromise] = "aACompromise",
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, RevocationReason> Reasons =
        Names.ToFrozenDictionary(pair => pair.Value, pair => pair.Key, StringComparer.OrdinalIgnoreCase);

    /// <summary>All names, in the order of their codes.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Names.OrderBy(pair => pair.Key).Select(pair => pair.Value)];

    /// <summary>The name of a reason; <c>removeFromCRL</c> belongs to delta lists and has none here.</summary>
    public static string Of(RevocationReason reason) => Names.GetValueOrDefault(reason, "unspecified");

    /// <summary>The reason of a name, however its letters are cased; null where there is none.</summary>
    public static RevocationReason? Find(string name) => Reasons.TryGetValue(name, out var reason) ? reason : null;
}
