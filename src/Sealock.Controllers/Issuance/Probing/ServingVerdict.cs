// SPDX-License-Identifier: Apache-2.0
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Issuance.Probing;

/// <summary>Whether a certificate that was issued is also served: a pure judgement of what endpoints answered.</summary>
internal sealed record ServingVerdict(bool? IsServed, string Reason, string Message)
{
    public const string NotServed = "NotServed";
    public const string Unreachable = "Unreachable";
    public const string NotAllowed = "NotAllowed";

    /// <summary>An endpoint that serves something else weighs more than one that may not be asked, and that more than silence.</summary>
    public static ServingVerdict Of(Print issued, IReadOnlyList<(ProbeTarget Target, ProbeAnswer Answer)> answers)
    {
        var others = Places(answer => !answer.Leaf.IsEmpty && Print.Of(answer.Leaf.Span) != issued);
        if (others.Length > 0)
            return new(false, NotServed, $"renewed but not served: {string.Join("; ", others.Select(place => $"{place} serves another certificate"))}");
        var refused = Places(answer => answer.IsRefused);
        if (refused.Length > 0)
            return new(null, NotAllowed, $"{string.Join(", ", refused)}: not among the endpoints that may be probed (--probe-allow)");
        var silent = Places(answer => answer.Leaf.IsEmpty);
        return silent.Length > 0
            ? new(null, Unreachable, $"{string.Join(", ", silent)}: no TLS handshake came about, or its address may not be probed (--probe-allow)")
            : new(true, "Served", $"served by {string.Join(", ", Places(_ => true))}");

        string[] Places(Func<ProbeAnswer, bool> which) => [.. answers.Where(answer => which(answer.Answer)).Select(answer => Place(answer.Target))];
    }

    private static string Place(ProbeTarget target) =>
        target.Host.Contains(':', StringComparison.Ordinal) ? $"[{target.Host}]:{target.Port}" : $"{target.Host}:{target.Port}";
}
