// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Planning;
using Sealock.Pki.Certificates;

namespace Sealock.Cluster.Renewing;

/// <summary>Whether a renewed certificate was seen at its endpoint.</summary>
public enum ServedProof
{
    /// <summary>Nobody serves it, or nobody was asked.</summary>
    NotAsked,

    /// <summary>It was seen.</summary>
    Served,

    /// <summary>Another was seen, or none.</summary>
    NotServed,
}

/// <summary>What became of one certificate.</summary>
public sealed record Renewal
{
    /// <summary>Which.</summary>
    public required PlannedCertificate Certificate { get; init; }

    /// <summary>Why it was, or would be, renewed.</summary>
    public required string Reason { get; init; }

    /// <summary>What stood before; null where nothing did.</summary>
    public Certificate? Before { get; init; }

    /// <summary>What stands now; null in a dry run and after a failure.</summary>
    public Certificate? After { get; init; }

    /// <summary>True where the CA ends before the certificate was to end.</summary>
    public bool IsCutByAuthority { get; init; }

    /// <summary>What has to be restarted.</summary>
    public IReadOnlyList<string> Programs { get; init; } = [];

    /// <summary>Whether it was seen served.</summary>
    public ServedProof Proof { get; init; }

    /// <summary>Why it was not renewed, or not served, in plain words; null where all went well.</summary>
    public string? Problem { get; init; }
}
