// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Sealock.Api.Security;
using Sealock.Gateway.Audit.Policies;
using Sealock.Tests.Support;

namespace Sealock.Tests.Audit;

public class AuditPolicyReaderTests
{
    private const string Start = "apiVersion: audit.k8s.io/v1\nkind: Policy\n";

    /// <summary>What Kubernetes' documentation gives as an example, in shape.</summary>
    private const string Sample = Start + """
        metadata: {name: sample}
        omitStages: ["RequestReceived"]
        omitManagedFields: true
        rules:
          - level: RequestResponse
            resources:
            - group: ""
              resources: ["pods"]
          - level: Metadata
            resources:
            - group: ""
              resources: ["pods/log", "pods/status"]
          - level: None
            resources:
            - group: ""
              resources: ["configmaps"]
              resourceNames: ["controller-leader"]
          - level: None
            users: ["system:kube-proxy"]
            verbs: ["watch"]
            resources:
            - group: ""
              resources: ["endpoints", "services"]
          - level: None
            userGroups: ["system:authenticated"]
            nonResourceURLs:
            - "/api*"
            - "/version"
          - level: Request
            resources:
            - group: ""
              resources: ["configmaps"]
            namespaces: ["kube-system"]
            omitManagedFields: false
          - level: Metadata
            omitStages:
              - "RequestReceived"
        """;

    [Fact]
    public void A_policy_is_read_whole()
    {
        Assert.True(AuditPolicyReader.TryRead(Sample, out var policy, out var mistakes), string.Join('\n', mistakes));
        Assert.Equal(
            [
                AuditLevel.RequestResponse, AuditLevel.Metadata, AuditLevel.None, AuditLevel.None, AuditLevel.None,
                AuditLevel.Request, AuditLevel.Metadata,
            ],
            policy.Rules.Select(rule => rule.Level));
        Assert.Equal(AuditStages.RequestReceived, policy.OmitStages);
        Assert.True(policy.OmitManagedFields);
        Assert.Equal(["controller-leader"], policy.Rules[2].Resources.Single().ResourceNames.AsEnumerable());
        Assert.Equal(["/api*", "/version"], policy.Rules[4].NonResourceUrls.AsEnumerable());
        Assert.False(policy.Rules[5].OmitManagedFields);
        Assert.Null(policy.Rules[6].OmitManagedFields);
    }

    [Theory]
    [InlineData("", "yaml: there is no document")]
    [InlineData("- a", "is no mapping; start it with apiVersion: audit.k8s.io/v1 and kind: Policy")]
    [InlineData("kind: Policy\nrules: [{level: None}]", "apiVersion: must be audit.k8s.io/v1")]
    [InlineData("apiVersion: audit.k8s.io/v1beta1\nkind: Policy\nrules: [{level: None}]", "apiVersion: must be audit.k8s.io/v1")]
    [InlineData("apiVersion: audit.k8s.io/v1\nkind: Event\nrules: [{level: None}]", "kind: must be Policy")]
    [InlineData(Start, "rules: there are none, so nothing would ever be recorded; add one")]
    [InlineData(Start + "rules: {level: None}", "rules: must be a list")]
    [InlineData(Start + "rules: [None]", "rules[0]: must be a mapping")]
    [InlineData(Start + "rules: [{}]", "rules[0].level: Required value")]
    [InlineData(
        Start + "rules: [{level: metadata}]",
        "rules[0].level: Unsupported value: \"metadata\": supported values: \"None\", \"Metadata\", \"Request\", \"RequestResponse\"")]
    [InlineData(Start + "rules: [{level: None, resource: []}]", "rules[0].resource: is not a known field")]
    [InlineData(Start + "rule: []\nrules: [{level: None}]", "rule: is not a known field")]
    [InlineData(Start + "rules: [{level: None, users: jane}]", "rules[0].users: must be a list")]
    [InlineData(Start + "rules: [{level: None, users: [1]}]", "rules[0].users[0]: must be a text; put it in quotes")]
    [InlineData(Start + "rules: [{level: None, verbs: [no]}]", "rules[0].verbs[0]: must be a text; put it in quotes")]
    [InlineData(
        Start + "rules: [{level: None, nonResourceURLs: [version]}]",
        "rules[0].nonResourceURLs[0]: Invalid value: \"version\": non-resource URL rules must begin with a '/' character")]
    [InlineData(
        Start + "rules: [{level: None, nonResourceURLs: ['/a*/b']}]",
        "rules[0].nonResourceURLs[0]: Invalid value: \"/a*/b\": non-resource URL wildcards '*' must be the final character of the rule")]
    [InlineData(
        Start + "rules: [{level: None, nonResourceURLs: ['/a'], namespaces: [b]}]",
        "rules[0].nonResourceURLs: Invalid value: [\"/a\"]: rules cannot apply to both regular resources and non-resource URLs")]
    [InlineData(
        Start + "rules: [{level: None, resources: [{resourceNames: [a]}]}]",
        "rules[0].resources[0].resourceNames: Invalid value: [\"a\"]: using resourceNames requires at least one resource")]
    [InlineData(
        Start + "rules: [{level: None}]\nomitStages: [Received]",
        "omitStages[0]: Invalid value: \"Received\": allowed stages are RequestReceived,ResponseStarted,ResponseComplete,Panic")]
    [InlineData(Start + "rules: [{level: None}]\nomitManagedFields: 1", "omitManagedFields: must be true or false")]
    public void A_mistake_is_told_with_its_place(string text, string mistake)
    {
        Assert.False(AuditPolicyReader.TryRead(text, out _, out var mistakes));
        Assert.Equal([mistake], mistakes);
    }

    [Fact]
    public void A_group_with_a_version_is_a_mistake()
    {
        Assert.False(AuditPolicyReader.TryRead(
            Start + "rules: [{level: None, resources: [{group: apps/v1}]}]", out _, out var mistakes));
        Assert.StartsWith("rules[0].resources[0].group: Invalid value: \"apps/v1\":", mistakes.Single(), StringComparison.Ordinal);
    }

    [Fact]
    public void All_mistakes_are_told_at_once()
    {
        Assert.False(AuditPolicyReader.TryRead(
            Start + "rules: [{level: none, verb: [get]}, {users: jane}]", out _, out var mistakes));
        Assert.Equal(4, mistakes.Count);
    }

    [Fact]
    public void What_is_written_down_is_read_back() => ForManySeeds(seed =>
    {
        var text = PolicySamples.Write(new PolicySamples(seed).Policy());
        Assert.True(AuditPolicyReader.TryRead(text, out var read, out var mistakes), string.Join('\n', mistakes));
        Assert.Equal(text, PolicySamples.Write(read));
    });

    [Fact]
    public void Each_rule_decides_for_what_no_rule_before_it_matches() => ForManySeeds(seed =>
    {
        var samples = new PolicySamples(seed);
        var policy = samples.Policy();
        for (var i = 0; i < 20; i++)
        {
            var question = samples.Question();
            var first = policy.Rules.FirstOrDefault(rule => MatchesAlone(rule, question));
            Assert.Equal(
                new AuditDecision(
                    first?.Level ?? AuditLevel.None, policy.OmitStages | (first?.OmitStages ?? AuditStages.None),
                    first?.OmitManagedFields ?? policy.OmitManagedFields),
                AuditRules.LevelFor(policy, question));
        }
    });

    [Fact]
    public void A_policy_with_any_part_changed_is_read_or_refused() => ForManySeeds(seed =>
    {
        var policy = JsonNode.Parse(PolicySamples.Write(new PolicySamples(seed).Policy()))!.AsObject();
        var changed = new JsonMutator(seed).Next([policy]).ToJsonString();
        if (!AuditPolicyReader.TryRead(changed, out _, out var mistakes))
            Assert.NotEmpty(mistakes);
    });

    [Fact]
    public void No_text_is_too_odd_to_be_read_or_refused() => Check.QuickThrowOnFailure(Prop.ForAll<string, int>((text, place) =>
    {
        var at = (int)((uint)place % Sample.Length);
        foreach (var broken in new[] { text ?? "", Sample[..at], Sample.Insert(at, text ?? ""), Start + text })
        {
            if (!AuditPolicyReader.TryRead(broken, out _, out var mistakes))
                Assert.NotEmpty(mistakes);
        }
    }));

    private static bool MatchesAlone(AuditRule rule, AccessQuestion question) =>
        AuditRules.LevelFor(new AuditPolicy { Rules = [rule with { Level = AuditLevel.Request }] }, question).Level == AuditLevel.Request;

    private static void ForManySeeds(Action<int> check) =>
        Check.QuickThrowOnFailure(Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), check));
}
