// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki.Certificates;
using Sealock.Pki.Keys;

namespace Sealock.Acme.Orders;

/// <summary>Whether a certificate has to be issued, and why; or until when it is kept. Pure.</summary>
/// <param name="Reason">Why it is issued now; null where it is kept.</param>
/// <param name="DueAt">When it is due; the present where it is issued now.</param>
/// <param name="IsReplacement">Whether the new one takes the place of the standing one, for the same names.</param>
public sealed record RenewalNeed(string? Reason, DateTimeOffset DueAt, bool IsReplacement)
{
    /// <summary>Decides.</summary>
    /// <param name="standing">The certificate that is there; null for none.</param>
    /// <param name="key">The public half of the key that is there; null for none.</param>
    /// <param name="names">The names that are wanted, as text.</param>
    /// <param name="algorithm">The key that is wanted.</param>
    /// <param name="suggested">The instant chosen from the CA's suggestion; null for none.</param>
    /// <param name="now">The time.</param>
    public static RenewalNeed Decide(
        Certificate? standing, PublicKeyInfo? key, IReadOnlyCollection<string> names, KeyAlgorithm algorithm, DateTimeOffset? suggested, DateTimeOffset now)
    {
        if (standing is null)
            return new("there is none yet", now, false);
        if (key is null || !key.Equals(standing.PublicKey))
            return new("its key is missing or another one", now, false);
        if (!standing.Names.Select(name => name.Text).ToHashSet(StringComparer.OrdinalIgnoreCase).SetEquals(names))
            return new("its names are others than are wanted", now, false);
        if (!key.IsOf(algorithm))
            return new($"its key is {key.Description}, and another kind is wanted", now, true);
        if (now >= standing.NotAfter)
            return new("it has expired", now, true);
        var due = suggested ?? RenewalTiming.ByLifetime(standing);
        return now >= due
            ? new(suggested is not null ? "the CA suggests it" : "two thirds of its lifetime are over", now, true)
            : new(null, due, true);
    }
}
