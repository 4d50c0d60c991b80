// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Security;
using Sealock.Api.Serving;
using Sealock.Gateway.Audit.Policies;

namespace Sealock.Tests.Audit;

public class AuditRulesTests
{
    // Each rule alone before a catch-all at level Metadata; the request is matched where its level is Request.
    [Theory]
    [InlineData("users: [jane]", "GET /api/v1/pods", true)]
    [InlineData("users: [joe]", "GET /api/v1/pods", false)]
    [InlineData("users: [joe, jane]", "GET /healthz", true)]
    [InlineData("userGroups: [devs]", "GET /api/v1/pods", true)]
    [InlineData("userGroups: [ops, 'system:authenticated']", "GET /api/v1/pods", true)]
    [InlineData("userGroups: [ops]", "GET /api/v1/pods", false)]
    [InlineData("verbs: [list]", "GET /api/v1/pods", true)]
    [InlineData("verbs: [get]", "GET /api/v1/pods", false)]
    [InlineData("verbs: [get]", "GET /version", true)]
    [InlineData("verbs: [watch]", "GET /api/v1/pods?watch=1", true)]
    [InlineData("namespaces: [one]", "GET /api/v1/namespaces/one/pods", true)]
    [InlineData("namespaces: [two]", "GET /api/v1/namespaces/one/pods", false)]
    [InlineData("namespaces: ['']", "GET /api/v1/nodes", true)]
    [InlineData("namespaces: ['']", "GET /api/v1/namespaces/one/pods", false)]
    [InlineData("namespaces: ['']", "GET /version", false)]
    [InlineData("namespaces: [one]", "GET /api/v1/namespaces/one", true)]
    [InlineData("resources: [{}]", "GET /api/v1/pods", true)]
    [InlineData("resources: [{}]", "GET /apis/apps/v1/deployments", false)]
    [InlineData("resources: [{}]", "GET /version", false)]
    [InlineData("resources: [{group: apps}]", "GET /apis/apps/v1/deployments", true)]
    [InlineData("resources: [{resources: [pods]}]", "GET /api/v1/namespaces/one/pods/a", true)]
    [InlineData("resources: [{resources: [pods]}]", "GET /api/v1/namespaces/one/pods/a/log", false)]
    [InlineData("resources: [{resources: [pods/log]}]", "GET /api/v1/namespaces/one/pods/a/log", true)]
    [InlineData("resources: [{resources: [pods/log]}]", "GET /api/v1/namespaces/one/pods/a", false)]
    [InlineData("resources: [{resources: ['pods/*']}]", "GET /api/v1/namespaces/one/pods/a/log", true)]
    [InlineData("resources: [{resources: ['pods/*']}]", "GET /api/v1/namespaces/one/pods/a", true)]
    [InlineData("resources: [{resources: ['pods/*']}]", "GET /api/v1/namespaces/one/services/a", false)]
    [InlineData("resources: [{resources: ['*/log']}]", "GET /api/v1/namespaces/one/pods/a/log", true)]
    [InlineData("resources: [{resources: ['*/log']}]", "GET /api/v1/namespaces/one/pods/a/status", false)]
    [InlineData("resources: [{resources: ['*/log']}]", "GET /api/v1/namespaces/one/pods/a", false)]
    [InlineData("resources: [{resources: ['*']}]", "GET /api/v1/namespaces/one/pods/a/log", true)]
    [InlineData("resources: [{resources: [pods], resourceNames: [a]}]", "GET /api/v1/namespaces/one/pods/a", true)]
    [InlineData("resources: [{resources: [pods], resourceNames: [b]}]", "GET /api/v1/namespaces/one/pods/a", false)]
    [InlineData("resources: [{resources: [pods], resourceNames: [a]}]", "POST /api/v1/namespaces/one/pods", false)]
    [InlineData("resources: [{group: apps}, {resources: [pods]}]", "GET /api/v1/pods", true)]
    [InlineData("nonResourceURLs: ['/version']", "GET /version", true)]
    [InlineData("nonResourceURLs: ['/version']", "GET /version/x", false)]
    [InlineData("nonResourceURLs: ['/healthz*']", "GET /healthz/ping", true)]
    [InlineData("nonResourceURLs: ['/healthz*']", "GET /healthz", true)]
    [InlineData("nonResourceURLs: ['*']", "GET /livez", true)]
    [InlineData("nonResourceURLs: ['*']", "GET /api/v1/pods", false)]
    [InlineData("users: [jane], verbs: [get], nonResourceURLs: ['/version']", "GET /version", true)]
    [InlineData("users: [jane], verbs: [post], nonResourceURLs: ['/version']", "GET /version", false)]
    public void A_rule_matches_what_kube_apiserver_matches(string rule, string request, bool matches)
    {
        var policy = Read($"rules: [{{level: Request, {rule}}}, {{level: Metadata}}]");
        Assert.Equal(
            matches ? AuditLevel.Request : AuditLevel.Metadata, AuditRules.LevelFor(policy, Question(request)).Level);
    }

    [Theory]
    [InlineData("rules: [{level: Request, users: [joe]}]", AuditLevel.None, AuditStages.None, false)]
    [InlineData("rules: [{level: None}, {level: Request}]", AuditLevel.None, AuditStages.None, false)]
    [InlineData("rules: [{level: RequestResponse}], omitStages: [RequestReceived]", AuditLevel.RequestResponse, AuditStages.RequestReceived, false)]
    [InlineData(
        "rules: [{level: Metadata, omitStages: [Panic]}], omitStages: [RequestReceived]", AuditLevel.Metadata,
        AuditStages.RequestReceived | AuditStages.Panic, false)]
    [InlineData("rules: [{level: Metadata}], omitManagedFields: true", AuditLevel.Metadata, AuditStages.None, true)]
    [InlineData(
        "rules: [{level: Metadata, omitManagedFields: false}], omitManagedFields: true", AuditLevel.Metadata,
        AuditStages.None, false)]
    [InlineData("rules: [{level: Metadata, omitManagedFields: true}]", AuditLevel.Metadata, AuditStages.None, true)]
    public void The_first_rule_that_matches_decides(string text, AuditLevel level, AuditStages omitted, bool withoutManaged) =>
        Assert.Equal(
            new AuditDecision(level, omitted, withoutManaged), AuditRules.LevelFor(Read(text), Question("GET /api/v1/pods")));

    internal static AuditPolicy Read(string rest) =>
        AuditPolicyReader.TryRead($"{{apiVersion: audit.k8s.io/v1, kind: Policy, {rest}}}", out var policy, out var mistakes)
            ? policy
            : throw new FormatException(string.Join('\n', mistakes));

    private static AccessQuestion Question(string request)
    {
        var (method, target) = (request.Split(' ')[0], request.Split(' ')[1].Split('?'));
        var query = target.Length > 1 ? QueryParameters.Parse(target[1]) : QueryParameters.Empty;
        return RequestInfoParser.Parse(method, target[0], query)
            .QuestionFor(new UserInfo { Name = "jane", Groups = ["devs", "system:authenticated"] });
    }
}
