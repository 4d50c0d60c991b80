// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Controllers.Views;

/// <summary>What is known of a Certificate's last issuance.</summary>
internal sealed record CertificateStatusView
{
    public static CertificateStatusView None { get; } = new();

    public IReadOnlyList<ConditionView> Conditions { get => field ?? []; init; }

    public DateTimeOffset? NotBefore { get; init; }

    public DateTimeOffset? NotAfter { get; init; }

    public DateTimeOffset? RenewalTime { get; init; }

    public int? Revision { get; init; }

    public string NextPrivateKeySecretName { get => field ?? ""; init; }

    public DateTimeOffset? LastFailureTime { get; init; }

    public int? FailedIssuanceAttempts { get; init; }

    public CertificateAcmeStatusView? Acme { get; init; }
}

internal sealed record CertificateAcmeStatusView
{
    public RenewalInformationView? Ari { get; init; }
}

/// <summary>What the CA suggests (RFC 9773), as it was last asked.</summary>
internal sealed record RenewalInformationView
{
    public SuggestedWindowView? SuggestedWindow { get; init; }

    public DateTimeOffset? NextCheck { get; init; }
}

internal sealed record SuggestedWindowView
{
    public DateTimeOffset? Start { get; init; }

    public DateTimeOffset? End { get; init; }
}
