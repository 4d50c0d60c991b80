// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki.Certificates;
using Sealock.Pki.Paths;

namespace Sealock.Cluster.Handshakes;

/// <summary>Judges the chain a server showed: against a pool, a name and a time, and nothing else. Pure.</summary>
internal static class ServerJudge
{
    private const int MaxNames = 20;

    public static IEnumerable<Judgement> Judge(IReadOnlyList<Certificate> chain, TrustPool? pool, string host, DateTimeOffset now)
    {
        if (chain.Count == 0)
            yield break;
        yield return Chain(chain, pool, now);
        yield return Name(chain[0], host);
        yield return Validity(chain[0], now);
    }

    private static Judgement Chain(IReadOnlyList<Certificate> chain, TrustPool? pool, DateTimeOffset now)
    {
        var last = chain[^1];
        if (pool is null)
        {
            return new(JudgementSubject.Chain, JudgementOutcome.Untold,
                last.IsSelfIssued
                    ? $"not checked, for want of --cacert. The chain ends at {last.Subject}, SHA-256 {last.Sha256Hex}"
                    : $"not checked, for want of --cacert. The chain ends at {last.Subject} (SHA-256 {last.Sha256Hex}), issued by {last.Issuer}, which the server did not send",
                $"give the file of the CA {(last.IsSelfIssued ? last.Subject : last.Issuer)} with --cacert");
        }

        var verdict = ChainVerifier.Verify(chain[0], [.. chain.Skip(1)], pool, new() { At = now, Purposes = [KeyPurposes.ServerAuth] });
        if (verdict.IsTrusted)
        {
            var warnings = verdict.Warnings.Count > 0 ? $" (though: {string.Join("; ", verdict.Warnings)})" : "";
            return new(JudgementSubject.Chain, JudgementOutcome.Fine,
                $"{string.Join(" ← ", verdict.Chain.Select(certificate => certificate.Subject))}: trusted by --cacert{warnings}");
        }

        return new(JudgementSubject.Chain, JudgementOutcome.Failed, verdict.Reason, Remedy(verdict.Failure, chain, pool));
    }

    private static string Remedy(ChainFailure failure, IReadOnlyList<Certificate> chain, TrustPool pool)
    {
        var missing = chain.FirstOrDefault(certificate => !certificate.IsSelfIssued && !chain.Any(other => other.Subject.Equals(certificate.Issuer)))?.Issuer
            ?? chain[^1].Issuer;
        return failure switch
        {
            ChainFailure.UnknownIssuer when chain[0].IsSelfIssued =>
                "give the server a certificate of your CA, or name this very certificate with --cacert if it is the right one",
            ChainFailure.UnknownIssuer =>
                $"name the file of the CA {missing} with --cacert; if that is an intermediate CA, put its certificate behind the server's in the server's certificate file",
            ChainFailure.BadSignature when pool.Certificates.Any(anchor => chain.Any(certificate => certificate.Issuer.Equals(anchor.Subject))) =>
                "--cacert holds a CA of the same name with another key: probably the CA was made anew; take the file of the CA that issued this certificate",
            ChainFailure.Expired or ChainFailure.NotYetValid => "renew what is not valid now, or check the clock of this machine",
            ChainFailure.WrongPurpose => "reissue the server's certificate with the extended key usage server auth",
            ChainFailure.NotAuthorizedToSign => "issue it with a certificate that is a CA (basicConstraints CA:TRUE, key usage cert sign)",
            _ => "reissue the server's certificate",
        };
    }

    private static Judgement Name(Certificate leaf, string host)
    {
        var refusal = HostNames.Refuse(leaf, host);
        if (refusal is null)
            return new(JudgementSubject.Name, JudgementOutcome.Fine, $"{host} is named by the certificate ({Names(leaf)})");
        var usable = leaf.Names.DnsNames.Concat(leaf.Names.IpAddresses.Select(address => address.ToString())).FirstOrDefault();
        return new(JudgementSubject.Name, JudgementOutcome.Failed, refusal,
            usable is null
                ? $"reissue the certificate with {host} as subject alternative name"
                : $"use a name it has (--servername {usable.Replace("*", "NAME", StringComparison.Ordinal)}), or reissue it with {host} as subject alternative name");
    }

    private static string Names(Certificate leaf) =>
        string.Join(", ", leaf.Names.Take(MaxNames)) + (leaf.Names.Count > MaxNames ? $" and {leaf.Names.Count - MaxNames} more" : "");

    private static Judgement Validity(Certificate leaf, DateTimeOffset now)
    {
        var (from, to) = ($"{leaf.NotBefore:yyyy-MM-dd HH:mm:ss}Z", $"{leaf.NotAfter:yyyy-MM-dd HH:mm:ss}Z");
        if (now > leaf.NotAfter)
        {
            return new(JudgementSubject.Validity, JudgementOutcome.Failed,
                $"the server's certificate has expired at {to}, {Span(now - leaf.NotAfter)} ago",
                "renew it and let the server load the new one (sealock pki renew)");
        }

        return now < leaf.NotBefore
            ? new(JudgementSubject.Validity, JudgementOutcome.Failed,
                $"the server's certificate is not valid before {from}, in {Span(leaf.NotBefore - now)}",
                "check the clocks of this machine and of the one that issued it")
            : new(JudgementSubject.Validity, JudgementOutcome.Fine, $"from {from} to {to}, {Span(leaf.NotAfter - now)} left");
    }

    private static string Span(TimeSpan time) => time.TotalDays >= 2
        ? $"{(long)time.TotalDays} days"
        : time.TotalHours >= 2 ? $"{(int)time.TotalHours} hours" : $"{(int)time.TotalMinutes} minutes";
}
