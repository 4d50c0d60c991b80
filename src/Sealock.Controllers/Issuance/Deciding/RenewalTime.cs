// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Sealock.Controllers.Definitions;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Issuance.Deciding;

/// <summary>When a certificate is renewed; no time where it is not, and what there is to say about it.</summary>
internal sealed record RenewalPlan(DateTimeOffset? Time, string Reason = "", string Note = "");

/// <summary>When a certificate is to be renewed: a pure function of what was issued and what is specified.</summary>
internal static class RenewalTime
{
    private const string DisabledPolicy = "Disabled";

    public static bool IsDisabled(CertificateSpecView spec) => spec.Renewal?.Policy == DisabledPolicy;

    public static RenewalPlan Plan(CertificateState state) => state.Secret?.Leaf is { } leaf
        ? Plan(leaf.NotBefore, leaf.NotAfter, state.Spec, Suggested(state.Certificate))
        : new(null);

    /// <summary>
    /// <c>renewBefore</c> or <c>renewBeforePercentage</c> before the end where they leave any time, else after two thirds of the
    /// lifetime that was issued; where the CA suggests an instant, then (and not after the time that was asked for). Windows
    /// move it to where one is open, unless none opens in time: a certificate is never left to expire for them.
    /// </summary>
    public static RenewalPlan Plan(
        DateTimeOffset notBefore, DateTimeOffset notAfter, CertificateSpecView spec, DateTimeOffset? suggested)
    {
        if (IsDisabled(spec))
            return new(null, Reasons.Disabled, "renewal is disabled (spec.renewal.policy)");
        var lifetime = notAfter - notBefore;
        var asked = Asked(lifetime, spec);
        var time = notAfter - (asked ?? lifetime / 3);
        if (suggested is { } instant)
        {
            // However late the suggestion: a twentieth of the lifetime is left for failures.
            var latest = asked is null ? notAfter - lifetime / 20 : time;
            time = instant < latest ? instant : latest;
        }

        time = ObjectFields.WholeSeconds(time);
        if (spec.Renewal is not { Windows.Count: > 0 } renewal)
            return new(time);
        // Half of what is left is kept for failures: a window that opens later than that comes too late.
        var inTime = time + (notAfter - time) / 2;
        var open = RenewalWindows.FirstOpen(renewal.Windows, time, inTime, out var problem);
        return problem.Length > 0 ? new(time, Reasons.WindowError, $"a renewal window is not heeded: {problem}")
            : open is { } found ? new(ObjectFields.WholeSeconds(found))
            : new(time, Reasons.WindowError, $"no renewal window opens between {ObjectFields.Rfc3339(time)} and "
                + $"{ObjectFields.Rfc3339(inTime)}; the certificate is renewed without");
    }

    /// <summary>An instant in the window that the CA suggests: always the same one for a Certificate, spread over all of them.</summary>
    public static DateTimeOffset? Suggested(CertificateView certificate) =>
        certificate.Status.Acme?.Ari?.SuggestedWindow is { Start: { } start, End: { } end } && end > start
            ? start + (end - start) * Spread(certificate.Metadata.Uid) : null;

    /// <summary>A number in [0, 1) that belongs to a text.</summary>
    public static double Spread(string text) =>
        BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text))) / (double)(1L << 32);

    private static TimeSpan? Asked(TimeSpan lifetime, CertificateSpecView spec) =>
        spec.RenewBefore is { } before && before > TimeSpan.Zero && before < lifetime ? before
        : spec.RenewBeforePercentage is > 0 and < 100 and var percentage ? lifetime * percentage / 100
        : null;
}
