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

    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(6);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Outage = TimeSpan.FromHours(49);

    public static bool IsDisabled(CertificateSpecView spec) => spec.Renewal?.Policy == DisabledPolicy;

    public static RenewalPlan Plan(CertificateState state) => state.Planned is { } told ? told : state.Secret?.Leaf is { } leaf
        ? Plan(leaf.NotBefore, leaf.NotAfter, state.Spec, Suggested(state.Certificate), IssuedAt(state), IssuerEnds(state, leaf), IsHasteHeeded(state))
        : new(null);

    /// <summary>
    /// <c>renewBefore</c> or <c>renewBeforePercentage</c> before the end where they leave any time, else after two thirds of the
    /// lifetime that was issued (see <see cref="Reserve"/>); where the CA suggests an instant, then (and not after the time that was
    /// asked for). Whatever is asked for, a certificate lives for a while from its issue; and where it ends with its issuer, a new
    /// one would end no later. Windows move the time to where one is open, unless none opens in time: a certificate is never left
    /// to expire for them.
    /// </summary>
    /// <param name="notBefore">Beginning of the validity, which may lie long before the issue.</param>
    /// <param name="notAfter">End of it.</param>
    /// <param name="spec">What is asked for.</param>
    /// <param name="suggested">The instant that the CA suggests.</param>
    /// <param name="issued">When it was issued; null where nobody knows: when its validity began.</param>
    /// <param name="issuerEnds">When the CA's own certificate ends; null where that is not known.</param>
    /// <param name="isHasteHeeded">Whether a suggestion is followed however soon after the issue.</param>
    public static RenewalPlan Plan(
        DateTimeOffset notBefore, DateTimeOffset notAfter, CertificateSpecView spec, DateTimeOffset? suggested,
        DateTimeOffset? issued = null, DateTimeOffset? issuerEnds = null, bool isHasteHeeded = false)
    {
        if (IsDisabled(spec))
            return new(null, Reasons.Disabled, "renewal is disabled (spec.renewal.policy)");
        if (issuerEnds <= notAfter)
        {
            return new(null, Reasons.IssuerEnds, $"the certificate ends with its CA at {ObjectFields.Rfc3339(notAfter)}: "
                + $"it is renewed when the CA is, and renewing it earlier would gain nothing; see {spec.IssuerRef.Kind} {spec.IssuerRef.Name}");
        }

        var from = issued is { } instant && instant > notBefore && instant < notAfter ? instant : notBefore;
        var left = notAfter - from;
        var asked = Asked(notAfter - notBefore, spec);
        var time = notAfter - (asked ?? Reserve(notAfter - notBefore, left));
        if (suggested is { } suggestion)
        {
            // However late the suggestion: a twentieth of the lifetime is left for failures.
            var latest = asked is null ? notAfter - left / 20 : time;
            time = suggestion < latest ? suggestion : latest;
        }

        isHasteHeeded &= time == suggested;
        time = ObjectFields.WholeSeconds(time);
        var plan = new RenewalPlan(time);
        if (from + Pause(left) is var earliest && time < earliest && !isHasteHeeded)
        {
            var wanted = time;
            time = ObjectFields.WholeSeconds(earliest.AddTicks(TimeSpan.TicksPerSecond - 1));
            plan = new(time, Reasons.RenewalPostponed, $"renewal was to be at {ObjectFields.Rfc3339(wanted)}, too soon after the issue "
                + $"at {ObjectFields.Rfc3339(from)}; it is at {ObjectFields.Rfc3339(time)}"
                + (suggested is null && asked is not null ? ": make spec.renewBefore shorter, or spec.duration longer" : ""));
        }

        if (spec.Renewal is not { Windows.Count: > 0 } renewal)
            return plan;
        // Half of what is left is kept for failures: a window that opens later than that comes too late.
        var inTime = time + (notAfter - time) / 2;
        var open = RenewalWindows.FirstOpen(renewal.Windows, time, inTime, out var problem);
        return problem.Length > 0 ? new(time, Reasons.WindowError, $"a renewal window is not heeded: {problem}")
            : open is { } found ? plan with { Time = ObjectFields.WholeSeconds(found) }
            : new(time, Reasons.WindowError, $"no renewal window opens between {ObjectFields.Rfc3339(time)} and "
                + $"{ObjectFields.Rfc3339(inTime)}; the certificate is renewed without");
    }

    /// <summary>When the certificate in the Secret was issued; null where its request is gone, or does not say.</summary>
    public static DateTimeOffset? IssuedAt(CertificateState state) =>
        state is { Secret.Leaf: { } leaf, Current: { } current } && current.IssuedLeaf == leaf.Certificate ? current.IssuedAt : null;

    /// <summary>
    /// A CA that is about to revoke wants its certificates renewed at once, however new they are. Where it is a renewal that stands,
    /// it has been heeded: one that always wants that is not followed without end.
    /// </summary>
    private static bool IsHasteHeeded(CertificateState state) =>
        IssuedAt(state) is not null && !state.Current!.Cause.StartsWith($"{Reasons.Renewing}:", StringComparison.Ordinal);

    /// <summary>
    /// How long a new certificate stays whatever is asked for or suggested: a tenth of what it has left when it is issued, but not
    /// longer than six hours, and a minute where there are two.
    /// </summary>
    public static TimeSpan Pause(TimeSpan left)
    {
        var (pause, least) = (Shorter(left / 10, LongestPause), Shorter(ShortestPause, left / 2));
        return pause > least ? pause : least;
    }

    /// <summary>
    /// What is kept for failures where nothing is asked for: a third of the lifetime that was issued; of four days and more not
    /// less than two days and an hour, so that a CA may be down for two days; never more than half of what was left at the issue.
    /// </summary>
    private static TimeSpan Reserve(TimeSpan lifetime, TimeSpan left) => Shorter(
        lifetime / 3 is var third && third < Outage && lifetime >= 2 * Outage ? Outage : third, left / 2);

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    /// <summary>A CA whose turn it is no longer is another matter: what it issued is replaced for that reason.</summary>
    private static DateTimeOffset? IssuerEnds(CertificateState state, LeafFacts leaf) =>
        state.Authority is { } authority && authority.HasSigned(leaf.Authority) ? authority.Signing.Certificate.NotAfter : null;

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
