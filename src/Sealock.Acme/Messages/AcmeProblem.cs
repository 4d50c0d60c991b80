// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Serialization;

namespace Sealock.Acme.Messages;

/// <summary>What a server says went wrong (RFC 7807, RFC 8555 section 6.7). Read leniently: anything may be missing.</summary>
[JsonConverter(typeof(ProblemConverter))]
public sealed record AcmeProblem
{
    /// <summary>The prefix of the types that RFC 8555 names.</summary>
    public const string Prefix = "urn:ietf:params:acme:error:";

    /// <summary>The type's URI.</summary>
    public string Type { get; init; } = "about:blank";

    /// <summary>A short title; empty where there is none.</summary>
    public string Title { get; init; } = "";

    /// <summary>What happened, in the server's words; empty where it says nothing.</summary>
    public string Detail { get; init; } = "";

    /// <summary>The HTTP status; 0 where it is not known.</summary>
    public int Status { get; init; }

    /// <summary>Where a person has to do something (userActionRequired); empty where there is nothing.</summary>
    public string Instance { get; init; } = "";

    /// <summary>Whom it concerns, in a subproblem.</summary>
    public AcmeIdentifier? Identifier { get; init; }

    /// <summary>The parts of a compound problem.</summary>
    public IReadOnlyList<AcmeProblem> Subproblems { get; init; } = [];

    /// <summary>The name of one of ACME's own types without its prefix (<c>rateLimited</c>), else the whole type.</summary>
    [JsonIgnore]
    public string Kind => Type.StartsWith(Prefix, StringComparison.Ordinal) ? Type[Prefix.Length..] : Type;

    /// <summary>Whether it is of this one of ACME's types, such as <see cref="ProblemKinds.RateLimited"/>.</summary>
    public bool Is(string kind) => Kind == kind;

    /// <summary>All of it in one line: detail, type, and the subproblems with their identifiers.</summary>
    public override string ToString()
    {
        var text = Detail.Length > 0 ? Detail : Title.Length > 0 ? Title : Status > 0 ? $"HTTP status {Status}" : "no reason given";
        var type = Kind == "about:blank" ? "" : $" ({Kind})";
        var parts = string.Join("; ", Subproblems.Select(part => part.Identifier is { } who ? $"{who.Value}: {part}" : part.ToString()));
        var more = Instance.Length > 0 ? $"; see {Instance}" : "";
        return $"{text}{type}{(parts.Length > 0 ? $": {parts}" : "")}{more}".ReplaceLineEndings(" ");
    }
}

/// <summary>The names of those of ACME's problem types that something is decided by.</summary>
public static class ProblemKinds
{
    /// <summary>The nonce was not accepted: the request can be sent again with another.</summary>
    public const string BadNonce = "badNonce";

    /// <summary>Too many requests.</summary>
    public const string RateLimited = "rateLimited";

    /// <summary>The account key belongs to no account.</summary>
    public const string AccountDoesNotExist = "accountDoesNotExist";

    /// <summary>The certificate has an order that replaces it already (RFC 9773).</summary>
    public const string AlreadyReplaced = "alreadyReplaced";

    /// <summary>The certificate is revoked already.</summary>
    public const string AlreadyRevoked = "alreadyRevoked";

    /// <summary>The order was finalized too early, or once before.</summary>
    public const string OrderNotReady = "orderNotReady";

    /// <summary>A person has to do something first.</summary>
    public const string UserActionRequired = "userActionRequired";

    /// <summary>A new account must be bound to an external one.</summary>
    public const string ExternalAccountRequired = "externalAccountRequired";

    /// <summary>A CAA record forbids it.</summary>
    public const string Caa = "caa";

    /// <summary>The request is malformed, or names what does not exist.</summary>
    public const string Malformed = "malformed";

    /// <summary>The CA does not issue for this name.</summary>
    public const string RejectedIdentifier = "rejectedIdentifier";

    /// <summary>The CA has no such profile.</summary>
    public const string InvalidProfile = "invalidProfile";

    /// <summary>The server could not look a name up.</summary>
    public const string Dns = "dns";

    /// <summary>The server could not reach what it validates.</summary>
    public const string Connection = "connection";

    /// <summary>The server found another answer than it expected.</summary>
    public const string IncorrectResponse = "incorrectResponse";

    /// <summary>The server could not make the TLS handshake.</summary>
    public const string Tls = "tls";

    /// <summary>The account may not do this.</summary>
    public const string Unauthorized = "unauthorized";

    /// <summary>The certificate request is not acceptable.</summary>
    public const string BadCsr = "badCSR";
}
