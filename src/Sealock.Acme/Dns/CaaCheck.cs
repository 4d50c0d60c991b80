// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Acme.Dns;

/// <summary>Finds the CAA records that count for a name, and judges them.</summary>
/// <param name="resolver">Answers the questions.</param>
public sealed class CaaCheck(DnsResolver resolver)
{
    /// <summary>Climbs from the name towards the root until there are records (RFC 8659 section 3).</summary>
    /// <param name="name">The DNS name; a wildcard's label does not count.</param>
    /// <param name="isWildcard">Whether a wildcard is asked for.</param>
    /// <param name="subject">Who asks. A CA that names no identities is not judged.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<CaaVerdict> RunAsync(string name, bool isWildcard, CaaSubject subject, CancellationToken cancellationToken = default)
    {
        if (subject.Issuers.Count == 0)
            return CaaVerdict.Allowed;
        for (var candidate = DnsName.Normalize(name); !string.IsNullOrEmpty(candidate); candidate = DnsName.Parent(candidate))
        {
            var lookup = await resolver.LookUpAsync(candidate, DnsType.Caa, cancellationToken);
            if (lookup.Status == DnsLookupStatus.Failed)
                return CaaVerdict.Unknown($"the CAA records of {candidate} cannot be asked: {lookup.Fault}");
            if (lookup.Status != DnsLookupStatus.Found)
                continue;
            var records = lookup.Records.Select(record => CaaRecord.Read(record.Data.Span)).OfType<CaaRecord>().ToList();
            return records.Count < lookup.Records.Count
                ? CaaVerdict.Unknown($"a CAA record of {candidate} is malformed")
                : CaaRules.Judge(candidate, records, isWildcard, subject);
        }

        return CaaVerdict.Allowed;
    }
}
