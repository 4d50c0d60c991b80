// SPDX-License-Identifier: Apache-2.0
using Sealock.Controllers.Views;
using Sealock.Pki.Requests;

namespace Sealock.Controllers.Issuance.Issuers;

/// <summary>
/// A kind of issuer (<c>selfSigned</c>, <c>ca</c>, <c>acme</c>): says whether an issuer of it is ready, and signs approved requests.
/// Both may be asked again and again for the same thing, and concurrently for different ones.
/// </summary>
internal interface IIssuerKind
{
    /// <summary>The name of the kind as in an issuer's specification.</summary>
    string Name { get; }

    /// <summary>Whether an issuer could sign now.</summary>
    ValueTask<IssuerCheck> CheckAsync(IssuerView issuer, string secretNamespace, CancellationToken cancellationToken);

    /// <summary>Signs a request, or says why not, or that it will take a while.</summary>
    ValueTask<SigningOutcome> SignAsync(SigningTask task, CancellationToken cancellationToken);
}

/// <summary>An approved request that an issuer is to sign.</summary>
internal sealed record SigningTask
{
    /// <summary>The request as it was last read.</summary>
    public required CertificateRequestObject Request { get; init; }

    /// <summary>Its PKCS#10 request; the proof of possession has been checked.</summary>
    public required CertificateSigningRequest Csr { get; init; }

    /// <summary>The issuer.</summary>
    public required IssuerView Issuer { get; init; }

    /// <summary>Where the issuer's Secrets are.</summary>
    public required string SecretNamespace { get; init; }

    /// <summary>Now.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>The lifetime asked for; cert-manager's 90 days where none is.</summary>
    public TimeSpan Lifetime => Request.Spec.Duration ?? TimeSpan.FromDays(90);
}

/// <summary>What came of a request.</summary>
internal abstract record SigningOutcome
{
    /// <summary>PEM of the leaf and its intermediates, and of the CA as far as it is known (may be empty).</summary>
    public sealed record Issued(string ChainPem, string CaPem) : SigningOutcome;

    /// <summary>
    /// Not yet. <paramref name="LookAgainAfter"/> null: the issuer looks at the request again by itself when something changes.
    /// </summary>
    public sealed record Pending(string Message, TimeSpan? LookAgainAfter = null) : SigningOutcome;

    /// <summary>Never, for this request. Where the issuer said when to try again, not before then.</summary>
    public sealed record Failed(string Reason, string Message, DateTimeOffset? RetryNotBefore = null) : SigningOutcome;
}

/// <summary>Whether an issuer is ready, for its condition; what else belongs into its status (merged), and when to look again.</summary>
internal sealed record IssuerCheck(bool IsReady, string Reason, string Message)
{
    /// <summary>What of the message is a warning though the issuer is ready; the same at each look. Empty: nothing.</summary>
    public string Concern { get; init; } = "";

    public System.Text.Json.Nodes.JsonObject? Status { get; init; }

    public TimeSpan? LookAgainAfter { get; init; }
}
