// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Net;

namespace Sealock.Gateway.Addresses;

/// <summary>Addresses of several ranges. Immutable; a question is a binary search over ranges that do not touch.</summary>
public sealed class CidrSet
{
    private readonly ImmutableArray<Cidr> _cidrs;
    private readonly Range[] _ipv4;
    private readonly Range[] _ipv6;

    private CidrSet(ImmutableArray<Cidr> cidrs)
    {
        _cidrs = cidrs;
        _ipv4 = Merged(cidrs, ipv4: true);
        _ipv6 = Merged(cidrs, ipv4: false);
    }

    /// <summary>No address.</summary>
    public static CidrSet Empty { get; } = new([]);

    /// <summary>Whether it holds no address.</summary>
    public bool IsEmpty => _cidrs.IsEmpty;

    /// <summary>The addresses of all the ranges.</summary>
    public static CidrSet Of(IEnumerable<Cidr> cidrs)
    {
        var all = cidrs.ToImmutableArray();
        return all.IsEmpty ? Empty : new CidrSet(all);
    }

    /// <summary>Reads ranges, each as <see cref="Cidr.Parse"/> does.</summary>
    /// <exception cref="FormatException">One of them is none.</exception>
    public static CidrSet Parse(params IEnumerable<string> texts) => Of(texts.Select(Cidr.Parse));

    /// <summary>Whether an address is in one of the ranges.</summary>
    public bool Contains(IPAddress address)
    {
        if (IsEmpty)
            return false;
        var (isIPv4, number) = Cidr.NumberOf(address);
        var ranges = isIPv4 ? _ipv4 : _ipv6;
        var (low, high) = (0, ranges.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var range = ranges[middle];
            if (number < range.First)
                high = middle - 1;
            else if (number > range.Last)
                low = middle + 1;
            else
                return true;
        }

        return false;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join(", ", _cidrs);

    private static Range[] Merged(ImmutableArray<Cidr> cidrs, bool ipv4)
    {
        var merged = new List<Range>();
        foreach (var cidr in cidrs.Where(cidr => cidr.IsIPv4 == ipv4).OrderBy(cidr => cidr.First))
        {
            if (merged.Count > 0 && cidr.First <= merged[^1].Last)
                merged[^1] = merged[^1] with { Last = UInt128.Max(merged[^1].Last, cidr.Last) };
            else
                merged.Add(new Range(cidr.First, cidr.Last));
        }

        return [.. merged];
    }

    private readonly record struct Range(UInt128 First, UInt128 Last);
}
