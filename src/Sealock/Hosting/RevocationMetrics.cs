// SPDX-License-Identifier: Apache-2.0
using System.Collections.Frozen;
using Sealock.Gateway.Metrics;
using Sealock.Gateway.RevocationLists;

namespace Sealock.Hosting;

/// <summary>
/// The metrics of revocation. What x509-certificate-exporter measures of lists too bears its names, so that its alerts work
/// unchanged.
/// </summary>
internal static class RevocationMetrics
{
    private static readonly (string Name, string Help, Func<PublishedList, DateTimeOffset, double> Value)[] OfLists =
    [
        ("x509_crl_this_update", "From when on the revocation list is good, in Unix time.", (list, _) => list.ThisUpdate.ToUnixTimeSeconds()),
        ("x509_crl_next_update", "By when there is a newer revocation list, in Unix time.", (list, _) => list.NextUpdate.ToUnixTimeSeconds()),
        ("x509_crl_number", "Number of the revocation list.", (list, _) => list.Number),
        ("x509_crl_stale", "1 where a newer revocation list is overdue.", (list, now) => now > list.NextUpdate ? 1 : 0),
    ];

    /// <summary>Writes what is revoked, and how the lists are: those kept here, and those that are read from a file.</summary>
    public static void Write(PrometheusText text, RevocationFeed feed, RevocationFile? file, TimeProvider clock)
    {
        const string revoked = "sealock_revocations";
        var current = feed.Registry.Current;
        text.Family(revoked, "gauge", "What the server locks out.");
        text.Sample(revoked, current.Certificates.Count, ("kind", "certificate"));
        text.Sample(revoked, current.Keys.Count, ("kind", "key"));
        text.Sample(revoked, current.Users.Count, ("kind", "user"));
        text.Sample(revoked, current.Credentials.Count, ("kind", "credential"));
        var now = clock.GetUtcNow();
        foreach (var (name, help, value) in OfLists)
        {
            text.Family(name, "gauge", help);
            foreach (var (keyId, list) in feed.Lists.All)
                text.Sample(name, value(list, now), ("issuer_CN", list.Issuer), ("discriminator", keyId));
            foreach (var (keyId, list) in file?.Lists ?? FrozenDictionary<string, PublishedList>.Empty)
                text.Sample(name, value(list, now), ("issuer_CN", list.Issuer), ("discriminator", "file " + keyId));
        }
    }
}
