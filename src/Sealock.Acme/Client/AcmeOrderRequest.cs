// SPDX-License-Identifier: Apache-2.0
using Sealock.Acme.Messages;

namespace Sealock.Acme.Client;

/// <summary>What is ordered.</summary>
public sealed record AcmeOrderRequest
{
    /// <summary>The names of the certificate.</summary>
    public required IReadOnlyList<AcmeIdentifier> Identifiers { get; init; }

    /// <summary>The wanted beginning of its validity; few servers allow to choose.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>The wanted end of its validity; few servers allow to choose.</summary>
    public DateTimeOffset? NotAfter { get; init; }

    /// <summary>One of the profiles in the server's directory; null for its default.</summary>
    public string? Profile { get; init; }

    /// <summary>The certificate it replaces, by <see cref="Orders.RenewalTiming.CertificateId"/>; null for none.</summary>
    public string? Replaces { get; init; }
}
