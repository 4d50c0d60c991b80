// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Collections.Frozen;
using Sealock.Api.Client;
using Sealock.Api.Objects;
using Sealock.Controllers.Definitions;
using Sealock.Controllers.Reconciling;
using Sealock.Controllers.Views;
using Sealock.Pki;
using Sealock.Pki.Issuing;
using Sealock.Pki.Revocation;

namespace Sealock.Controllers.CertificateSigning;

/// <summary>
/// Signs approved requests of the signers it has a CA for. A request is signed once: the certificate is kept until
/// the server is seen to have it, and a repeated look hands in the same one.
/// </summary>
internal sealed class RequestSigner(
    ApiClient client,
    FrozenDictionary<string, ISigningAuthority> authorities,
    TimeSpan longestDuration,
    TimeProvider time,
    Func<string, string>? crlUrl = null)
{
    private static readonly TimeSpan ShortestDuration = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<string, string> _signed = new(StringComparer.Ordinal);

    /// <summary>Certificates that were signed and that the server is not yet seen to have.</summary>
    public int Unconfirmed => _signed.Count;

    /// <summary>A request was seen that has its certificate, or is gone.</summary>
    public void Confirm(string uid) => _signed.TryRemove(uid, out _);

    public async ValueTask<Reconciliation> ReconcileAsync(RequestView request, CancellationToken cancellationToken)
    {
        if (request.IsIssued || !request.IsApproved || request.HasFailed ||
            !authorities.TryGetValue(request.Spec.SignerName, out var source))
            return Reconciliation.Done;
        if (_signed.TryGetValue(request.Metadata.Uid, out var pem))
            return await HandInAsync(request, RequestPatches.SetCertificate(request, pem), cancellationToken);

        if (!RequestParsing.TryRead(request.Spec.Request, out var contents))
            return Reconciliation.Done;
        if (SignerRules.Refuse(request.Spec.SignerName, contents, request.Spec.Usages) is { } refusal)
            return await FailAsync(request, refusal, cancellationToken);
        var now = time.GetUtcNow();
        if (source.Current is not { Authority: { } authority } state)
            return Reconciliation.TryAgain(source.Current.Problem);
        if (!authority.Certificate.IsValidAt(now))
            return Reconciliation.TryAgain($"the CA {authority.Certificate.Subject} is not valid now; it is to be replaced");

        if (Sign(authority, request, contents, now, out refusal) is not { } certificate)
            return await FailAsync(request, refusal, cancellationToken);
        _signed[request.Metadata.Uid] = certificate;
        return await HandInAsync(request, RequestPatches.SetCertificate(request, certificate), cancellationToken);
    }

    /// <summary>The lifetime that is asked for, between ten minutes and the longest that is allowed.</summary>
    public static TimeSpan Duration(int? expirationSeconds, TimeSpan longest)
    {
        if (expirationSeconds is not { } seconds)
            return longest;
        var asked = TimeSpan.FromSeconds(seconds);
        return asked > longest ? longest : asked < ShortestDuration ? ShortestDuration : asked;
    }

    private string? Sign(
        CertificateAuthority authority, RequestView request, RequestContents contents, DateTimeOffset now, out string refusal)
    {
        try
        {
            var result = authority.Issue(new IssuanceRequest
            {
                Subject = contents.Subject,
                PublicKey = contents.PublicKey,
                Names = contents.Names,
                Profile = CertificateProfile.Custom(CertificateUsages.FromNames(request.Spec.Usages)),
                Lifetime = Duration(request.Spec.ExpirationSeconds, longestDuration),
                CrlUrls = crlUrl is null ? [] : [crlUrl(AuthorityKeyId.Of(authority.Certificate))],
            }, now);
            refusal = result.Refusal ?? "";
            return result.Certificate?.ToPem();
        }
        catch (PkiFormatException fault)
        {
            refusal = fault.Message;
            return null;
        }
    }

    private ValueTask<Reconciliation> FailAsync(RequestView request, string why, CancellationToken cancellationToken) =>
        HandInAsync(
            request,
            RequestPatches.AddCondition(request, RequestCondition.Failed, "SignerValidationFailure", why, time.GetUtcNow()),
            cancellationToken);

    private async ValueTask<Reconciliation> HandInAsync(
        RequestView request, System.Text.Json.Nodes.JsonObject patch, CancellationToken cancellationToken)
    {
        try
        {
            await client.PatchAsync(
                ResourceTypes.Requests, "", request.Metadata.Name, patch, PatchKind.Merge, "status", cancellationToken);
        }
        catch (ApiException gone) when (gone.Code == 404)
        {
            Confirm(request.Metadata.Uid);
        }

        return Reconciliation.Done;
    }
}
