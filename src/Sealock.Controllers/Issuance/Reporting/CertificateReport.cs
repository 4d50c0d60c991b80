// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;

namespace Sealock.Controllers.Issuance.Reporting;

/// <summary>What is known of one Certificate: what is there, why, and what comes next.</summary>
public sealed record CertificateReport
{
    /// <summary>Namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>The names it is for, as the specification has them.</summary>
    public ImmutableArray<string> Names { get; init; } = [];

    /// <summary><c>True</c>, <c>False</c> or <c>Unknown</c>; empty where the loops have not said yet.</summary>
    public string Ready { get; init; } = "";

    /// <summary>Why it is ready or not: reason and message.</summary>
    public string ReadyReason { get; init; } = "";

    /// <summary>The same in words.</summary>
    public string ReadyMessage { get; init; } = "";

    /// <summary>Since when.</summary>
    public DateTimeOffset? ReadySince { get; init; }

    /// <summary>The revision that stands; 0 before the first.</summary>
    public int Revision { get; init; }

    /// <summary>Why what stands was issued: reason and message; empty where nobody remembers.</summary>
    public string Cause { get; init; } = "";

    /// <summary>Beginning of the validity of what stands.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>End of it.</summary>
    public DateTimeOffset? NotAfter { get; init; }

    /// <summary>The Secret it is in.</summary>
    public string SecretName { get; init; } = "";

    /// <summary>What is to be said of the Secret; empty where all is well.</summary>
    public string SecretProblem { get; init; } = "";

    /// <summary>The issuer, as kind, group and name.</summary>
    public string Issuer { get; init; } = "";

    /// <summary>What the issuer says of itself; or that it does not exist.</summary>
    public string IssuerState { get; init; } = "";

    /// <summary>The request that is under way or was the last; empty where there is none.</summary>
    public string Request { get; init; } = "";

    /// <summary>What became of it.</summary>
    public string RequestState { get; init; } = "";

    /// <summary>Failed tries since it was issued last.</summary>
    public int FailedAttempts { get; init; }

    /// <summary>The condition Issuing in words; empty where it has none.</summary>
    public string Issuing { get; init; } = "";

    /// <summary>What is seen at the endpoints that must serve it; empty where none are named.</summary>
    public string Served { get; init; } = "";

    /// <summary>What comes next: <c>renew</c>, <c>issue</c>, <c>restore</c>, <c>retry</c>, <c>wait</c>, <c>refused</c> or <c>none</c>.</summary>
    public required string Next { get; init; }

    /// <summary>When; null: as soon as it can be, or never.</summary>
    public DateTimeOffset? NextTime { get; init; }

    /// <summary>Why.</summary>
    public string NextReason { get; init; } = "";

    /// <summary>What the loops told last, oldest first.</summary>
    public ImmutableArray<ToldEvent> Events { get; init; } = [];
}

/// <summary>Something the loops told in an event.</summary>
/// <param name="Time">When it was said last.</param>
/// <param name="Type"><c>Normal</c> or <c>Warning</c>.</param>
/// <param name="Reason">In one word.</param>
/// <param name="Message">In words.</param>
/// <param name="Count">How often.</param>
public sealed record ToldEvent(DateTimeOffset? Time, string Type, string Reason, string Message, int Count);
