// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki.Certificates;

namespace Sealock.Cluster.Handshakes;

/// <summary>A handshake as it was told and judged.</summary>
public sealed record HandshakeReport
{
    /// <summary>The endpoint as it was asked for.</summary>
    public required string Endpoint { get; init; }

    /// <summary>The address connected to; null where there was no connection.</summary>
    public string? Address { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>What happened, in order.</summary>
    public IReadOnlyList<HandshakeEvent> Events { get; init; } = [];

    /// <summary>The version agreed on; null where it did not come to it.</summary>
    public string? Version { get; init; }

    /// <summary>The cipher suite agreed on.</summary>
    public string? CipherSuite { get; init; }

    /// <summary>The group of the key exchange.</summary>
    public string? Group { get; init; }

    /// <summary>The application protocol agreed on (ALPN).</summary>
    public string? ApplicationProtocol { get; init; }

    /// <summary>The certificates the server sent, leaf first.</summary>
    public IReadOnlyList<Certificate> Chain { get; init; } = [];

    /// <summary>True where the server asked for a client certificate.</summary>
    public bool ClientCertificateRequested { get; init; }

    /// <summary>The CAs it named then; null where that is not known, empty for any.</summary>
    public IReadOnlyList<string>? Authorities { get; init; }

    /// <summary>Where and why it failed; null where the handshake went through.</summary>
    public HandshakeFailure? Failure { get; init; }

    /// <summary>What is to be said of it.</summary>
    public IReadOnlyList<Judgement> Verdict { get; init; } = [];

    /// <summary>True where the handshake went through and nothing is wrong.</summary>
    public bool Succeeded => Verdict.All(judgement => judgement.Outcome != JudgementOutcome.Failed);
}
