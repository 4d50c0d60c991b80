// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;
using Sealock.Acme.Messages;

namespace Sealock.Acme.Client;

/// <summary>What a request to an ACME server came to: a value, or why there is none. Neither is an exception.</summary>
/// <typeparam name="T">What was asked for.</typeparam>
public sealed record AcmeResult<T>
    where T : class
{
    /// <summary>What was asked for; null where there is a failure.</summary>
    public T? Value { get; init; }

    /// <summary>Why there is no value.</summary>
    public AcmeFailure? Failure { get; init; }

    /// <summary>
    /// When the server wants to be asked again (its Retry-After), with a value: of an order that is processing, or of a suggested
    /// renewal time. Null where it says nothing.
    /// </summary>
    public DateTimeOffset? AskAgainAt { get; init; }

    /// <summary>True where there is a value.</summary>
    [MemberNotNullWhen(true, nameof(Value))]
    [MemberNotNullWhen(false, nameof(Failure))]
    public bool IsOk => Failure is null;

    internal static AcmeResult<T> Of(T value, DateTimeOffset? askAgainAt = null) => new() { Value = value, AskAgainAt = askAgainAt };

    internal static AcmeResult<T> Failed(AcmeFailure failure) => new() { Failure = failure };
}

/// <summary>The kinds of failure, by what can be done about them.</summary>
public enum AcmeFailureKind
{
    /// <summary>The server said no: the same request will be refused again.</summary>
    Refused,

    /// <summary>Too many requests: not before <see cref="AcmeFailure.RetryAt"/>, where the server named it.</summary>
    RateLimited,

    /// <summary>The server cannot answer at the moment (5xx).</summary>
    Unavailable,

    /// <summary>No connection, no trust in the server's certificate, or no answer in time.</summary>
    Unreachable,

    /// <summary>The answer is not what RFC 8555 says, or larger than the limits.</summary>
    Malformed,

    /// <summary>The server does not offer this function.</summary>
    NotOffered,
}

/// <summary>Why a request came to nothing.</summary>
/// <param name="Kind">By what can be done about it.</param>
/// <param name="Message">What happened, in one line, with the server's own words.</param>
public sealed record AcmeFailure(AcmeFailureKind Kind, string Message)
{
    /// <summary>The server's problem document, where it sent one.</summary>
    public AcmeProblem? Problem { get; init; }

    /// <summary>The instant before which the server does not want to be asked again; null where it named none.</summary>
    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>The HTTP status; 0 where there was no answer.</summary>
    public int Status { get; init; }

    /// <summary>Whether the same request may succeed later.</summary>
    public bool IsTransient => Kind is AcmeFailureKind.RateLimited or AcmeFailureKind.Unavailable or AcmeFailureKind.Unreachable;

    /// <summary>Whether the server's problem is of this one of ACME's types, such as <see cref="ProblemKinds.RateLimited"/>.</summary>
    public bool Is(string problemKind) => Problem?.Is(problemKind) == true;

    /// <summary>Whether what was asked for does not exist (any more) at the server.</summary>
    public bool IsNotFound => Status is 404 or 410;

    /// <inheritdoc/>
    public override string ToString() => Message;
}
