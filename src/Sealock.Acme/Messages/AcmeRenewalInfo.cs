// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Acme.Messages;

/// <summary>When a CA suggests to renew a certificate (RFC 9773 section 4.2).</summary>
public sealed record AcmeRenewalInfo
{
    /// <summary>The time within which to renew.</summary>
    public required SuggestedWindow SuggestedWindow { get; init; }

    /// <summary>A page that says why; empty for none.</summary>
    public string ExplanationURL { get => field ?? ""; init; }
}

/// <summary>A span of time as a CA wrote it: it may be nonsense.</summary>
/// <param name="Start">Its beginning.</param>
/// <param name="End">Its end.</param>
public sealed record SuggestedWindow(DateTimeOffset Start, DateTimeOffset End);
