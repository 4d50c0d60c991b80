// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Cluster.Handshakes;

/// <summary>What is judged.</summary>
public enum JudgementSubject
{
    /// <summary>Whether the handshake went through.</summary>
    Handshake,

    /// <summary>Whether the server's chain leads to a CA that is trusted.</summary>
    Chain,

    /// <summary>Whether the server's certificate names the server.</summary>
    Name,

    /// <summary>Whether the server's certificate is valid now.</summary>
    Validity,

    /// <summary>What became of our certificate.</summary>
    ClientCertificate,

    /// <summary>Whether a session can be resumed.</summary>
    Resumption,
}

/// <summary>The outcome.</summary>
public enum JudgementOutcome
{
    /// <summary>Right.</summary>
    Fine,

    /// <summary>Wrong.</summary>
    Failed,

    /// <summary>Not checked, or it cannot be told.</summary>
    Untold,
}

/// <summary>One judgement with its reason.</summary>
/// <param name="Subject">What is judged.</param>
/// <param name="Outcome">The outcome.</param>
/// <param name="Text">Why, in plain words.</param>
/// <param name="Remedy">What to do; null where there is nothing to do.</param>
public sealed record Judgement(JudgementSubject Subject, JudgementOutcome Outcome, string Text, string? Remedy = null);
