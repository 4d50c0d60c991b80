// SPDX-License-Identifier: Apache-2.0
using System.Net;
using Sealock.Cluster.Verifying;

namespace Sealock.Tests.Cluster.Verifying;

/// <summary>Every defect of the catalogue is found, its remedy named, and nothing else is found.</summary>
public sealed class DefectTests(DefectTests.GoodSet good) : IClassFixture<DefectTests.GoodSet>
{
    /// <summary>One good set, made once and copied for each defect.</summary>
    public sealed class GoodSet : IDisposable
    {
        internal SetCopy Set { get; } = SetCopy.Make(new()
        {
            EndpointHost = "api.example.com",
            Nodes =
            [
                new() { Name = "master1", IsControlPlane = true, Addresses = [IPAddress.Parse("10.0.0.1")] },
                new() { Name = "master2", IsControlPlane = true, Addresses = [IPAddress.Parse("10.0.0.2")] },
                new() { Name = "worker1", Addresses = [IPAddress.Parse("10.0.0.9")] },
            ],
        });

        public void Dispose() => Set.Dispose();
    }

    public static TheoryData<string> Names => [.. DefectCatalogue.All.Select(defect => defect.Name)];

    [Fact]
    public void A_good_set_has_no_findings() => Assert.Empty(good.Set.Verify());

    [Theory]
    [MemberData(nameof(Names))]
    public void A_defect_is_found_with_its_remedy_and_nothing_else(string name)
    {
        var defect = DefectCatalogue.All.Single(one => one.Name == name);
        using var broken = good.Set.Copy();
        defect.Break(broken);
        var findings = broken.Verify();
        Assert.Equal(
            defect.Found.Select(expected => $"{expected.Rule} {expected.Subject}").Order(StringComparer.Ordinal),
            findings.Select(finding => $"{finding.Rule} {finding.Subject}").Distinct().Order(StringComparer.Ordinal));
        Assert.All(defect.Found, expected => Assert.Contains(findings,
            finding => finding.Rule == expected.Rule && finding.Subject == expected.Subject && finding.Fix.Contains(expected.Fix, StringComparison.Ordinal)));
        Assert.All(findings, finding => Assert.All([finding.What, finding.Why, finding.Fix, finding.Path], text => Assert.False(string.IsNullOrWhiteSpace(text))));
    }

    [Fact]
    public void The_catalogue_has_at_least_forty_defects_and_each_name_once()
    {
        Assert.True(DefectCatalogue.All.Count >= 40);
        Assert.Equal(DefectCatalogue.All.Count, DefectCatalogue.All.Select(defect => defect.Name).Distinct().Count());
    }

    [Fact]
    public void Every_rule_that_a_finding_names_is_a_known_one() =>
        Assert.All(DefectCatalogue.All.SelectMany(defect => defect.Found), expected => Assert.Contains(expected.Rule, Verifier.RuleNames));

    [Fact]
    public void Every_rule_is_documented()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "docs", "verify-rules.md")))
            folder = folder.Parent;
        Assert.NotNull(folder);
        var page = File.ReadAllText(Path.Combine(folder.FullName, "docs", "verify-rules.md"));
        Assert.All(Verifier.RuleNames, rule => Assert.Contains($"| `{rule}` |", page, StringComparison.Ordinal));
    }
}
