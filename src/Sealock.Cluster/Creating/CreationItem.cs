// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Configuration;

namespace Sealock.Cluster.Creating;

/// <summary>What is done about one part of a set.</summary>
public enum CreationVerdict
{
    /// <summary>It stands and is right: left alone.</summary>
    Keep,

    /// <summary>It is missing or wrong: made.</summary>
    Make,

    /// <summary>Somebody else has to sign: a key and a request are made, and the certificate is awaited.</summary>
    Request,

    /// <summary>It is wrong and would not be replaced without being asked: told, and left alone.</summary>
    Report,
}

/// <summary>What is done about one part, and why.</summary>
/// <param name="Verdict">What is done.</param>
/// <param name="Reason">Why, in plain words.</param>
public sealed record CreationDecision(CreationVerdict Verdict, string Reason)
{
    /// <summary>A decision to keep.</summary>
    public static CreationDecision Keep(string reason) => new(CreationVerdict.Keep, reason);

    /// <summary>A decision to make.</summary>
    public static CreationDecision Make(string reason) => new(CreationVerdict.Make, reason);

    /// <summary>A decision to ask for a signature.</summary>
    public static CreationDecision Request(string reason) => new(CreationVerdict.Request, reason);

    /// <summary>A decision to leave alone and tell.</summary>
    public static CreationDecision Report(string reason) => new(CreationVerdict.Report, reason);
}

/// <summary>One line of what was done, or would be.</summary>
/// <param name="Node">The node; null for what belongs to the cluster.</param>
/// <param name="Name">The authority, certificate or file.</param>
/// <param name="Decision">What and why.</param>
public sealed record CreationItem(ClusterNode? Node, string Name, CreationDecision Decision);
