// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Text;
using Sealock.Acme.Jose;
using Sealock.Acme.Messages;
using Sealock.Pki.Certificates;

namespace Sealock.Acme.Client;

/// <summary>Certificates: download, revocation, and when to renew them (RFC 8555 sections 7.4.2 and 7.6, RFC 9773).</summary>
public sealed partial class AcmeClient
{
    private const string PemChain = "application/pem-certificate-chain";
    private const int MostAlternates = 10;

    /// <summary>
    /// Downloads an order's certificate. Alternate chains are fetched only where the server's own choice is not the preferred one.
    /// </summary>
    /// <param name="account">Who ordered.</param>
    /// <param name="url">The order's <see cref="AcmeOrder.Certificate"/>.</param>
    /// <param name="preferredChain">The common name of an issuer that the chain should have; null for no preference.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<AcmeResult<IssuedChain>> DownloadAsync(
        AcmeAccount account, string url, string? preferredChain = null, CancellationToken cancellationToken = default)
    {
        var (first, alternates) = await DownloadOneAsync(account, url, cancellationToken);
        if (!first.IsOk || string.IsNullOrEmpty(preferredChain))
            return first;
        var chains = new List<IssuedChain> { first.Value };
        foreach (var alternate in alternates.Take(MostAlternates))
        {
            if (chains[^1].IsIssuedBy(preferredChain))
                break;
            var (other, _) = await DownloadOneAsync(account, alternate.AbsoluteUri, cancellationToken);
            if (other.IsOk)
                chains.Add(other.Value);
        }

        return AcmeResult<IssuedChain>.Of(IssuedChain.Choose(chains, preferredChain));
    }

    /// <summary>Revokes a certificate in the name of the account that ordered it, or that holds all its names.</summary>
    public Task<AcmeResult<RevocationDone>> RevokeAsync(
        AcmeAccount account, Certificate certificate, RevocationReason? reason = null, CancellationToken cancellationToken = default) =>
        RevokeAsync(account.Key, account.Url, certificate, reason, cancellationToken);

    /// <summary>Revokes a certificate by its own key.</summary>
    public Task<AcmeResult<RevocationDone>> RevokeAsync(
        AccountKey certificateKey, Certificate certificate, RevocationReason? reason = null, CancellationToken cancellationToken = default) =>
        RevokeAsync(certificateKey, accountUrl: null, certificate, reason, cancellationToken);

    /// <summary>When the CA suggests to renew a certificate; <see cref="Orders.RenewalTiming"/> says what to make of it.</summary>
    /// <param name="certificateId">See <see cref="Orders.RenewalTiming.CertificateId"/>.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<AcmeResult<AcmeRenewalInfo>> GetRenewalInfoAsync(string certificateId, CancellationToken cancellationToken = default)
    {
        const string What = "the suggested renewal time";
        var (_, url, failure) = await FindAsync(d => d.RenewalInfo, "suggested renewal times (ARI)", cancellationToken);
        if (url is null)
            return AcmeResult<AcmeRenewalInfo>.Failed(failure!);
        var own = new UriBuilder(url) { Path = $"{url.AbsolutePath.TrimEnd('/')}/{certificateId}" }.Uri;
        var (answer, refusal) = await _transport.GetAsync(own, What, cancellationToken);
        return Read(new(answer, refusal), AcmeJson.Default.AcmeRenewalInfo, What, (info, _) => info.SuggestedWindow is null ? null : info);
    }

    private async Task<(AcmeResult<IssuedChain> Chain, IReadOnlyList<Uri> Alternates)> DownloadOneAsync(
        AcmeAccount account, string url, CancellationToken cancellationToken)
    {
        var (answer, failure) = await PostAsync(account, url, default, "the certificate", mayRepeat: true, cancellationToken, PemChain);
        if (answer is null)
            return (AcmeResult<IssuedChain>.Failed(failure!), []);
        return IssuedChain.TryRead(answer.Body) is { } chain
            ? (AcmeResult<IssuedChain>.Of(chain), answer.LinksTo("alternate"))
            : (AcmeResult<IssuedChain>.Failed(new(AcmeFailureKind.Malformed, $"{answer.Url.Authority} answered with no certificate chain in PEM")), []);
    }

    private async Task<AcmeResult<RevocationDone>> RevokeAsync(
        AccountKey key, string? accountUrl, Certificate certificate, RevocationReason? reason, CancellationToken cancellationToken)
    {
        var (_, url, failure) = await FindAsync(d => d.RevokeCert, "revocation", cancellationToken);
        if (url is null)
            return AcmeResult<RevocationDone>.Failed(failure!);
        var payload = Payload(new(Base64Url.EncodeToString(certificate.Der.Span), (int?)reason), AcmeJson.Default.RevocationPayload);
        var outcome = await SendAsync(
            url,
            nonce => Jws.Sign(
                key.Signer, JwsHeader.Write(key.Algorithm, accountUrl is null ? key.Jwk : null, accountUrl, nonce, url.AbsoluteUri), payload),
            "the revocation", mayRepeat: true, cancellationToken);
        return outcome.Failure is not { } refusal ? AcmeResult<RevocationDone>.Of(new(WasRevokedBefore: false))
            : refusal.Is(ProblemKinds.AlreadyRevoked) ? AcmeResult<RevocationDone>.Of(new(WasRevokedBefore: true))
            : AcmeResult<RevocationDone>.Failed(refusal);
    }
}
