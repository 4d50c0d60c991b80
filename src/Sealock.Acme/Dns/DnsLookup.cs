// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Acme.Dns;

/// <summary>What became of a question.</summary>
public enum DnsLookupStatus
{
    /// <summary>There are records.</summary>
    Found,

    /// <summary>The name exists, without records of the type.</summary>
    NoRecords,

    /// <summary>The name does not exist.</summary>
    NoName,

    /// <summary>It could not be asked, or the answer cannot be used: <see cref="DnsLookup.Fault"/> says why.</summary>
    Failed,
}

/// <summary>The answer to a question, aliases followed.</summary>
public sealed record DnsLookup
{
    /// <summary>What became of it.</summary>
    public required DnsLookupStatus Status { get; init; }

    /// <summary>The records of the wanted type.</summary>
    public IReadOnlyList<DnsRecord> Records { get; init; } = [];

    /// <summary>The name at the end of the aliases; the name that was asked for where there are none.</summary>
    public string CanonicalName { get; init; } = "";

    /// <summary>The zone that says there is nothing, where the answer tells (its SOA record); empty where it does not.</summary>
    public string Zone { get; init; } = "";

    /// <summary>Why it failed, in one line.</summary>
    public string? Fault { get; init; }

    internal static DnsLookup Failed(string fault) => new() { Status = DnsLookupStatus.Failed, Fault = fault };
}
