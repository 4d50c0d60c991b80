// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Security;
using Sealock.Gateway.Limits;
using Sealock.Gateway.Listener;
using Sealock.Pki;
using Sealock.Pki.Certificates;
using Sealock.Pki.Paths;

namespace Sealock.Gateway.Authentication;

/// <summary>
/// Client certificates: common name is the user, organizations are the groups (kube-apiserver's rule). The verdict is
/// remembered on the connection for as long as the CAs stay the same and the whole chain is within its time; a good one for
/// the next connections of the same client, too, who often opens one for each request.
/// </summary>
internal sealed class CertificateAuthenticator(ServingSource serving, TimeProvider clock)
{
    // Only time and other CAs can turn a refusal, so a client that insists does not cost a verification per request.
    private static readonly TimeSpan RefusalHolds = TimeSpan.FromSeconds(5);

    private const int GoodVerdictsKept = 1024;

    private readonly KnownIntermediates _intermediates = new();
    private readonly BoundedTable<PresentedChain, CertificateVerdict> _good = new(GoodVerdictsKept);

    /// <summary>Whom the connection's certificate stands for now.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="revocations">What is revoked; not part of the remembered verdict, since it may be taken back.</param>
    public AuthenticationResult Authenticate(ClientConnection connection, Revocations revocations)
    {
        if (connection.Certificate.IsEmpty || serving.Current.ClientCas is not { } cas)
            return AuthenticationResult.None;
        var now = clock.GetUtcNow();
        var verdict = connection.Verdict;
        if (verdict?.HoldsFor(cas, now) != true)
            connection.Verdict = verdict = KnownOrVerified(connection, cas, now);
        return verdict.Result.User is not null && verdict.IsRevoked(revocations) ? AuthenticationResult.Failure : verdict.Result;
    }

    private CertificateVerdict KnownOrVerified(ClientConnection connection, TrustPool cas, DateTimeOffset now)
    {
        var presented = PresentedChain.Of(connection);
        if (_good.TryGet(presented, out var known) && known.HoldsFor(cas, now))
            return known;
        var verdict = Verify(connection, cas, now);
        if (!verdict.Result.Failed)
            _good.Set(presented, verdict);
        return verdict;
    }

    private CertificateVerdict Verify(ClientConnection connection, TrustPool cas, DateTimeOffset now)
    {
        try
        {
            var leaf = Certificate.Parse(connection.Certificate);
            var requirements = new ChainRequirements { At = now, Purposes = [KeyPurposes.ClientAuth] };
            var presented = connection.Chain.IsEmpty ? _intermediates.Above(leaf) : [.. connection.Chain.Select(Certificate.Parse)];
            var verdict = ChainVerifier.Verify(leaf, presented, cas, requirements);
            if (verdict.IsTrusted)
            {
                if (!connection.Chain.IsEmpty)
                    _intermediates.Remember(verdict.Chain);
                return new CertificateVerdict(
                    cas, UserOf(leaf), CertificateMarks.Of(verdict.Chain), verdict.Chain.Max(one => one.NotBefore),
                    verdict.Chain.Min(one => one.NotAfter).AddSeconds(1));
            }
        }
        catch (PkiFormatException)
        {
            // Refused as well.
        }

        return new CertificateVerdict(cas, AuthenticationResult.Failure, CertificateMarks.None, now, now + RefusalHolds);
    }

    /// <summary>
    /// A certificate without a common name says nothing about who it is: as if it had not been presented.
    /// </summary>
    private static AuthenticationResult UserOf(Certificate leaf) => leaf.Subject.CommonName is { Length: > 0 } name
        ? AuthenticationResult.Success(Identities.Authenticated(new UserInfo
        {
            Name = name,
            Groups = [.. leaf.Subject.Organizations],
            Extra = CredentialId.OfCertificate(leaf.Sha256Hex),
        }))
        : AuthenticationResult.None;
}

/// <summary>
/// What a certificate was found to be worth, by which CAs, by what its chain can be revoked, and between which times
/// that holds.
/// </summary>
internal sealed record CertificateVerdict(
    TrustPool Cas, AuthenticationResult Result, CertificateMarks Marks, DateTimeOffset From, DateTimeOffset Until)
{
    /// <summary>Whether it is still what these CAs would say at this time.</summary>
    public bool HoldsFor(TrustPool cas, DateTimeOffset now) => ReferenceEquals(Cas, cas) && now >= From && now < Until;

    // Requests are many, and what is revoked changes seldom.
    private volatile Latest? _latest;

    /// <summary>Whether a certificate of the chain is revoked.</summary>
    public bool IsRevoked(Revocations revocations)
    {
        var latest = _latest;
        if (latest is null || !ReferenceEquals(latest.By, revocations))
            _latest = latest = new Latest(revocations, revocations.Cover(Marks));
        return latest.IsRevoked;
    }

    private sealed record Latest(Revocations By, bool IsRevoked);
}
