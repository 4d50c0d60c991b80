// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki;
using Sealock.Pki.Certificates;
using Sealock.Pki.Revocation;

namespace Sealock.Controllers.Revocation;

/// <summary>Lengths of time in the life of a list.</summary>
public sealed record CrlTimes
{
    /// <summary>How long a list is good. It is replaced after two thirds of that, or when something is revoked.</summary>
    public TimeSpan Validity { get; init; } = TimeSpan.FromHours(24);

    /// <summary>By how much a list begins before it is made, for readers whose clocks are slow.</summary>
    public TimeSpan Backdate { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The shortest time between two lists of a CA, however fast certificates are revoked.</summary>
    public TimeSpan ShortestInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The same for a list of some length: a long one costs more, and is made less often.</summary>
    public TimeSpan IntervalAfter(int entries) => ShortestInterval * (1 + entries / 2000);
}

/// <summary>What to do about a CA's list.</summary>
/// <param name="Request">The list to issue; null where the present one is good.</param>
/// <param name="Why">Why a list is issued; empty where none is.</param>
/// <param name="LookAgainAfter">When the present list is due.</param>
internal sealed record CrlDecision(CrlRequest? Request, string Why, TimeSpan LookAgainAfter);

/// <summary>Which list a CA should have, as pure decisions.</summary>
internal static class CrlRules
{
    /// <summary>Decides.</summary>
    /// <param name="authority">The CA's certificate.</param>
    /// <param name="present">The latest list; null where there is none, or one that this CA cannot have issued.</param>
    /// <param name="lastNumber">The number of the latest list, whether or not it can be read; 0 where there is none.</param>
    /// <param name="revoked">Everything that is revoked under this CA.</param>
    /// <param name="now">The time.</param>
    /// <param name="times">Lengths of time.</param>
    public static CrlDecision Decide(
        Certificate authority, CertificateRevocationList? present, long lastNumber, IEnumerable<RevocationSpecView> revoked,
        DateTimeOffset now, CrlTimes times)
    {
        var all = revoked.Select(Entry).OfType<(RevokedCertificate Entry, DateTimeOffset? NotAfter)>().ToList();
        // What was final and has lost its object by force stays: when the certificate expires is not known any more.
        var refusal = present?.Refuse(authority);
        if (present is not null && refusal is null)
        {
            var known = all.Select(one => one.Entry.SerialNumber).ToHashSet();
            all.AddRange(present.Entries.Values
                .Where(entry => entry.Reason != RevocationReason.CertificateHold && !known.Contains(entry.SerialNumber))
                .Select(entry => (entry, (DateTimeOffset?)null)));
        }

        List<RevokedCertificate> wanted = [.. all.Where(one => !HasServed(one.Entry, one.NotAfter, present, times)).Select(one => one.Entry)];
        if (WhyNew(present, refusal, wanted, all, now) is { } why)
        {
            var sinceLast = present is null ? TimeSpan.MaxValue : now - (present.ThisUpdate + times.Backdate);
            var interval = times.IntervalAfter(present?.Entries.Count ?? 0);
            if (sinceLast >= TimeSpan.Zero && sinceLast < interval)
                return new(null, "", interval - sinceLast);
            return new(Request(lastNumber, wanted, now, times), why, RenewAfter(times.Validity, times));
        }

        return new(null, "", Due(present!) - now);
    }

    /// <summary>
    /// Whether the object of a revoked certificate may go: the certificate has expired so long ago that a list was
    /// issued afterwards, and it is not on the present one any more (RFC 5280 3.3).
    /// </summary>
    /// <param name="revocation">The revocation.</param>
    /// <param name="present">The CA's latest list; null where there is none.</param>
    /// <param name="hasList">Whether anybody keeps a list for the CA.</param>
    /// <param name="now">The time.</param>
    /// <param name="times">Lengths of time.</param>
    public static bool MayGo(
        RevocationSpecView revocation, CertificateRevocationList? present, bool hasList, DateTimeOffset now, CrlTimes times)
    {
        if (revocation.NotAfter is not { } end || now < end + times.Validity)
            return false;
        return !hasList || (present is not null && Entry(revocation) is var (entry, _) && present.Find(entry.SerialNumber) is null);
    }

    /// <summary>What an object says, revoked since its creation where it says nothing about that.</summary>
    public static RevocationSpecView Dated(RevocationView revocation) =>
        revocation.Spec with { RevokedAt = revocation.Spec.RevokedAt ?? revocation.Metadata.CreationTimestamp };

    /// <summary>When a list is to be replaced even if nothing is revoked.</summary>
    public static DateTimeOffset Due(CertificateRevocationList list) =>
        list.ThisUpdate + ((list.NextUpdate ?? list.ThisUpdate) - list.ThisUpdate) * 2 / 3;

    private static TimeSpan RenewAfter(TimeSpan validity, CrlTimes times) => (validity + times.Backdate) * 2 / 3 - times.Backdate;

    private static string? WhyNew(
        CertificateRevocationList? present, string? refusal, List<RevokedCertificate> wanted,
        List<(RevokedCertificate Entry, DateTimeOffset? NotAfter)> all, DateTimeOffset now)
    {
        if (present is null)
            return "it is the first";
        if (refusal is not null)
            return refusal;
        if (present.ThisUpdate > now)
            return "the clock was set back";
        if (wanted.FirstOrDefault(entry => present.Find(entry.SerialNumber) != entry) is { } added)
            return $"{added.SerialNumber} is revoked ({RevocationReasonNames.Of(added.Reason)})";
        var known = all.Select(one => one.Entry.SerialNumber).ToHashSet();
        if (present.Entries.Keys.Where(serial => !known.Contains(serial)).Select(serial => (SerialNumber?)serial).FirstOrDefault() is { } released)
            return $"{released} is not revoked any more";
        return now >= Due(present) ? "it is time" : null;
    }

    private static CrlRequest Request(long lastNumber, List<RevokedCertificate> wanted, DateTimeOffset now, CrlTimes times) =>
        new()
        {
            // Numbers follow the clock, so that they go on rising where the list before was lost with its store.
            Number = Math.Max(lastNumber + 1, now.ToUnixTimeSeconds()),
            Revoked = [.. wanted.OrderBy(entry => entry.SerialNumber.ToString(), StringComparer.Ordinal)],
            ThisUpdate = Seconds(now - times.Backdate),
            NextUpdate = Seconds(now + times.Validity),
        };

    /// <summary>
    /// Whether an entry need not be on a list any more: the certificate had expired for the whole validity of a list
    /// when the present one was issued, and so was on one that was issued on schedule after it had expired.
    /// </summary>
    private static bool HasServed(
        RevokedCertificate entry, DateTimeOffset? notAfter, CertificateRevocationList? present, CrlTimes times) =>
        notAfter is { } end && present is not null && end + times.Validity <= present.ThisUpdate && entry.RevokedAt <= present.ThisUpdate;

    private static (RevokedCertificate Entry, DateTimeOffset? NotAfter)? Entry(RevocationSpecView spec)
    {
        try
        {
            return (
                new RevokedCertificate(
                    SerialNumber.Parse(spec.SerialNumber), Seconds(spec.RevokedAt ?? DateTimeOffset.UnixEpoch),
                    RevocationReasonNames.Find(spec.Reason) ?? RevocationReason.Unspecified),
                spec.NotAfter);
        }
        catch (PkiFormatException)
        {
            return null;
        }
    }

    private static DateTimeOffset Seconds(DateTimeOffset time) => DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());
}
