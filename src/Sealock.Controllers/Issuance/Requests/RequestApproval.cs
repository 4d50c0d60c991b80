// SPDX-License-Identifier: Apache-2.0
using Sealock.Controllers.Views;
using Sealock.Pki.Requests;

namespace Sealock.Controllers.Issuance.Requests;

/// <summary>Whether a request may be signed.</summary>
/// <param name="IsApproved">False: it is denied for good.</param>
/// <param name="Message">Why.</param>
internal sealed record RequestApproval(bool IsApproved, string Message)
{
    /// <summary>What the message of a request that waits begins with.</summary>
    public const string WaitsFor = "Waits for approval: ";

    /// <summary>Nothing is decided yet, and may be later without anything that is followed changing.</summary>
    public bool Waits { get; init; }

    /// <summary>What cert-manager's built-in approver says.</summary>
    public static RequestApproval ByDefault { get; } = new(true, "Certificate request has been approved by cert-manager.io");

    /// <summary>Approves everything: where nobody has made a policy.</summary>
    public static ValueTask<RequestApproval?> Everything(
        CertificateRequestObject request, CertificateSigningRequest csr, CancellationToken cancellationToken) => ValueTask.FromResult<RequestApproval?>(ByDefault);
}

/// <summary>Decides on a request; null leaves it to others.</summary>
internal delegate ValueTask<RequestApproval?> ApproveRequest(
    CertificateRequestObject request, CertificateSigningRequest csr, CancellationToken cancellationToken);
