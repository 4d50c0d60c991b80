// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text.RegularExpressions;

namespace Sealock.Tests.Controllers.Acme;

/// <summary>A Certificate whose name never passes validation costs the others nothing.</summary>
public sealed partial class BadNameTests
{
    private const int Good = 16;

    /// <summary>The delays double from a minute to half an hour, a tenth shorter at most: no more tries than that fit into six hours.</summary>
    private const int TriesInSixHours = 20;

    [Fact]
    public async Task The_good_ones_take_the_same_writes_and_calls_and_time_with_and_without_a_bad_one()
    {
        var without = await IssueAsync(isThereABadOne: false);
        var with = await IssueAsync(isThereABadOne: true);
        Assert.Equal(without.Writes, with.Writes);
        Assert.Equal(without.Calls, with.Calls);
        Assert.Equal(without.Ready, with.Ready);
    }

    [Fact]
    public async Task The_bad_one_is_tried_as_often_as_the_retry_budget_says_and_the_good_ones_are_left_alone_meanwhile()
    {
        using var bench = New(isThereABadOne: true, good: 2);
        await bench.SettleAsync(TimeSpan.FromSeconds(30));
        var (writes, calls) = (GoodWrites(bench).Count, GoodCalls(bench).Count);
        var end = bench.Issuance.Time.GetUtcNow() + TimeSpan.FromHours(6);
        while (bench.Issuance.Time.GetUtcNow() < end)
        {
            await bench.SettleAsync(TimeSpan.FromSeconds(30));
            bench.Issuance.Time.Advance(TimeSpan.FromMinutes(5));
        }

        var tries = bench.Ca.Orders.Values.Count(order => order.Names[0].Value == "bad.example.com");
        Assert.InRange(tries, 2, TriesInSixHours);
        Assert.Equal((writes, calls), (GoodWrites(bench).Count, GoodCalls(bench).Count));
        Assert.False(bench.Issuance.IsReady("bad"));
    }

    private static async Task<(IReadOnlyList<string> Writes, IReadOnlyList<string> Calls, DateTimeOffset Ready)> IssueAsync(bool isThereABadOne)
    {
        using var bench = New(isThereABadOne, Good);
        await bench.SettleAsync(TimeSpan.FromSeconds(30));
        var ready = DateTimeOffset.MinValue;
        for (var i = 0; i < Good; i++)
        {
            Assert.True(bench.Issuance.IsReady(Name(i)));
            var since = bench.Issuance.Certificate(Name(i)).Condition("Ready")!.LastTransitionTime!.Value;
            ready = since > ready ? since : ready;
        }

        Assert.Equal(isThereABadOne, bench.Ca.Authorizations.Values.Any(authorization => authorization.Status == "invalid"));
        return (GoodWrites(bench), GoodCalls(bench), ready);
    }

    private static AcmeBench New(bool isThereABadOne, int good)
    {
        // Fewer places for challenges than Certificates, so that one that kept its place would be felt.
        var bench = new AcmeBench(new() { TlsAlpnRefusal = "", AnswersHttp = true, CheckCaa = false, MaxChallenges = 2 });
        var validate = bench.Ca.Validate;
        bench.Ca.Validate = (type, name, token) => name == "bad.example.com" ? "connection refused" : validate(type, name, token);
        if (isThereABadOne)
            bench.Issuance.AddCertificate("bad");
        for (var i = 0; i < good; i++)
            bench.Issuance.AddCertificate(Name(i));
        return bench;
    }

    private static string Name(int number) => string.Create(CultureInfo.InvariantCulture, $"good-{number}");

    /// <summary>What was written about the good ones; Orders, Challenges and keys to come have numbers in their names, which differ.</summary>
    private static List<string> GoodWrites(AcmeBench bench) =>
    [
        .. bench.Issuance.Server.Writes.Where(write => write.Contains("/good-", StringComparison.Ordinal))
            .Select(write => NumbersOfOrders().Replace(write, match => $"{match.Groups[1].Value}{new string('#', match.Groups[2].Captures.Count)}"))
            .Select(write => NumbersOfKeys().Replace(write, "$1#"))
            .Order(StringComparer.Ordinal),
    ];

    [GeneratedRegex(@"(good-\d+-1)(-\d+)+")]
    private static partial Regex NumbersOfOrders();

    [GeneratedRegex(@"(secrets/good-\d+)-[0-9a-f]{5}$")]
    private static partial Regex NumbersOfKeys();

    /// <summary>What the CA was asked about the good ones: which calls, and how many of each.</summary>
    private static List<string> GoodCalls(AcmeBench bench)
    {
        var bad = bench.Ca.Orders.Where(order => order.Value.Names[0].Value == "bad.example.com").ToList();
        var numbers = bad.Select(order => order.Key).Concat(bad.SelectMany(order => order.Value.Authorizations)).ToHashSet();
        var skipped = bad.Count;
        return
        [
            .. bench.Ca.Calls.Select(call => call.Split('/'))
                .Where(call => call.Length < 3 || !int.TryParse(call[2], CultureInfo.InvariantCulture, out var number) || !numbers.Contains(number))
                .Select(call => call[1]).Where(call => call != "new-order" || skipped-- <= 0).Order(StringComparer.Ordinal),
        ];
    }
}
