// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Objects;
using Sealock.Gateway.Authorization;
using Sealock.Tests.Authorization;

namespace Sealock.Tests.Reviews;

public sealed class ReviewTests
{
    public static TheoryData<string, string, string> Refused => new()
    {
        { "subjectaccessreviews", """{"spec":{"user":"x"}}""", """.authorization.k8s.io "" is invalid: spec.resourceAttributes: Invalid value: "null": exactly one of nonResourceAttributes or resourceAttributes must be specified""" },
        { "subjectaccessreviews", """{"spec":{"resourceAttributes":{}}}""", """.authorization.k8s.io "" is invalid: spec.user: Invalid value: "": at least one of user or group must be specified""" },
        { "subjectaccessreviews", """{"spec":{"user":"x","resourceAttributes":{},"nonResourceAttributes":{"path":"/a"}}}""", """.authorization.k8s.io "" is invalid: spec.nonResourceAttributes: Invalid value: {"Path":"/a","Verb":""}: cannot be specified in combination with resourceAttributes""" },
        { "subjectaccessreviews", """{"metadata":{"name":"x"},"spec":{"user":"x","resourceAttributes":{}}}""", """.authorization.k8s.io "" is invalid: metadata: Invalid value: {"name":"x"}: must be empty""" },
        { "selfsubjectaccessreviews", """{}""", """.authorization.k8s.io "" is invalid: spec.resourceAttributes: Invalid value: "null": exactly one of nonResourceAttributes or resourceAttributes must be specified""" },
        { "selfsubjectaccessreviews", """{"spec":{"resourceAttributes":{"labelSelector":{}}}}""", """.authorization.k8s.io "" is invalid: spec.resourceAttributes.labelSelector.requirements: Required value: when spec.resourceAttributes.labelSelector is specified, requirements or rawSelector is required""" },
        { "localsubjectaccessreviews", """{"spec":{"user":"x","resourceAttributes":{"namespace":"b"}}}""", """.authorization.k8s.io "" is invalid: spec.resourceAttributes.namespace: Invalid value: "b": must match metadata.namespace""" },
        { "selfsubjectrulesreviews", """{"spec":{}}""", "no namespace on request" },
        { "tokenreviews", """{"spec":{}}""", "token is required for TokenReview in authentication" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Faulty_reviews_are_refused_in_kube_apiserver_s_words(string plural, string json, string message)
    {
        var error = await Assert.ThrowsAsync<ApiException>(() => new RbacRun().AnswerAsync(plural, json, "a"));
        Assert.Equal(message, error.Message);
    }

    [Fact]
    public async Task Subject_access_reviews_answer_for_the_user_that_is_named()
    {
        var run = new RbacRun().With(new RbacRole("", "r", [RbacDecisionTests.ReadPods]))
            .With(new RbacBinding("", "b", RbacDecisionTests.ClusterRole("r"), [new("Group", "", "", "devs")]));
        const string question =
            """{"spec":{"user":"joe","groups":["devs"],"resourceAttributes":{"verb":"get","resource":"pods","namespace":"a"}}}""";
        Assert.Equal(
            """{"allowed":true,"reason":"RBAC: allowed by ClusterRoleBinding \"b\" of ClusterRole \"r\" to Group \"devs\""}""",
            Relaxed((await run.AnswerAsync("subjectaccessreviews", question))["status"]!));
        Assert.Equal(
            """{"allowed":false}""",
            (await run.AnswerAsync("subjectaccessreviews", question.Replace("devs", "ops", StringComparison.Ordinal)))["status"]!.ToJsonString());
        Assert.True((bool)(await run.AnswerAsync("localsubjectaccessreviews", question, "a"))["status"]!["allowed"]!);
    }

    [Fact]
    public async Task Self_reviews_answer_for_the_one_who_asks()
    {
        var run = new RbacRun().Holding("", RbacDecisionTests.ReadPods, new PolicyRule { Verbs = ["get"], Paths = ["/x"] });
        Assert.True((bool)(await run.AnswerAsync(
            "selfsubjectaccessreviews", """{"spec":{"nonResourceAttributes":{"path":"/x","verb":"get"}}}"""))["status"]!["allowed"]!);
        Assert.Equal(
            """{"resourceRules":[{"verbs":["get"],"apiGroups":[""],"resources":["pods"]}],"nonResourceRules":[{"verbs":["get"],"nonResourceURLs":["/x"]}],"incomplete":false}""",
            (await run.AnswerAsync("selfsubjectrulesreviews", """{"spec":{"namespace":"a"}}"""))["status"]!.ToJsonString());
        Assert.Equal(
            """{"username":"jane","groups":["system:authenticated"]}""",
            (await run.AnswerAsync("selfsubjectreviews", "{}"))["status"]!["userInfo"]!.ToJsonString());
    }

    [Theory]
    [InlineData("good", """{"authenticated":true,"user":{"username":"joe","uid":"1","groups":["devs","system:authenticated"]},"audiences":["api"]}""")]
    [InlineData("bad", """{"user":{},"error":"invalid bearer token"}""")]
    public async Task Token_reviews_tell_whom_a_token_stands_for(string token, string status)
    {
        var json = "{\"spec\":{\"token\":\"" + token + "\"}}";
        Assert.Equal(status, (await new RbacRun().AnswerAsync("tokenreviews", json))["status"]!.ToJsonString());
    }

    private static string Relaxed(System.Text.Json.Nodes.JsonNode node) => node.ToJsonString(
        new System.Text.Json.JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
