// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Gateway.Authorization;
using Sealock.Tests.Support;

namespace Sealock.EndToEnd.Differential;

/// <summary>The same roles, bindings and questions to a real kube-apiserver and to Sealock: every decision is the same.</summary>
[Collection(BothServersCollection.Name)]
public sealed class SameDecisionsTests(BothServers servers)
{
    private const string Rbac = "/apis/rbac.authorization.k8s.io/v1";
    private const string Reviews = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
    private const int Parallel = 8;

    [PeerFact("kubernetes")]
    public async Task Five_thousand_questions_about_generated_roles_are_decided_alike()
    {
        var (roles, bindings, questions) = RbacQuestions.Generate(2024, questions: 5000);
        foreach (var server in new[] { servers.Kubernetes, servers.Sealock })
        {
            foreach (var name in RbacQuestions.Namespaces)
                await PostAsync(server, "/api/v1/namespaces", new JsonObject { ["metadata"] = new JsonObject { ["name"] = name } });
            foreach (var role in roles.Add(LastRole("")).Add(LastRole(RbacQuestions.Namespaces[0])))
                await PostAsync(server, PathOf(role.Namespace, "role"), RbacQuestions.ToJson(role));
            foreach (var binding in bindings.Add(LastBinding("")).Add(LastBinding(RbacQuestions.Namespaces[0])))
                await PostAsync(server, PathOf(binding.Namespace, "rolebinding"), RbacQuestions.ToJson(binding));
            await KnowsAllAsync(server);
        }

        var differences = new List<string>();
        var allowed = 0;
        await System.Threading.Tasks.Parallel.ForEachAsync(
            questions, new ParallelOptions { MaxDegreeOfParallelism = Parallel }, async (question, _) =>
            {
                var review = RbacQuestions.ToSubjectAccessReview(question).ToJsonString();
                var answer = AskAsync(servers.Kubernetes, review);
                var ours = await AskAsync(servers.Sealock, review);
                var theirs = await answer;
                lock (differences)
                {
                    allowed += ours ? 1 : 0;
                    if (theirs != ours)
                        differences.Add($"kube-apiserver: {theirs}, Sealock: {ours}: {review}");
                }
            });
        Assert.True(differences.Count == 0, string.Join('\n', differences));
        Assert.InRange(allowed, questions.Length / 20, questions.Length * 19 / 20);
    }

    private static RbacRole LastRole(string @namespace) => new(
        @namespace, "rbac-last", [new() { Verbs = ["last"], Groups = ["last.example.org"], Resources = [Scope(@namespace)] }]);

    private static RbacBinding LastBinding(string @namespace) => new(
        @namespace, "rbac-last", new("rbac.authorization.k8s.io", @namespace.Length == 0 ? "ClusterRole" : "Role", "rbac-last"),
        [new("User", "rbac.authorization.k8s.io", "", "rbac-last")]);

    private static string Scope(string @namespace) => @namespace.Length == 0 ? "clusters" : "namespaces";

    private static string PathOf(string @namespace, string kind) =>
        @namespace.Length == 0 ? $"{Rbac}/cluster{kind}s" : $"{Rbac}/namespaces/{@namespace}/{kind}s";

    /// <summary>Waits until a server has taken note of the last role and binding of each sort.</summary>
    private static async Task KnowsAllAsync(ComparedServer server)
    {
        foreach (var @namespace in new[] { "", RbacQuestions.Namespaces[0] })
        {
            var review = new JsonObject
            {
                ["spec"] = new JsonObject
                {
                    ["user"] = "rbac-last",
                    ["resourceAttributes"] = new JsonObject
                    {
                        ["verb"] = "last",
                        ["group"] = "last.example.org",
                        ["resource"] = Scope(@namespace),
                        ["namespace"] = @namespace,
                    },
                },
            };
            await server.SendAsync(new Exchange(
                "last", "POST", Reviews, [KeyValuePair.Create("Until", "/status/reason")], review.ToJsonString()));
        }
    }

    private static async Task<bool> AskAsync(ComparedServer server, string review) =>
        (await server.SendAsync(new Exchange("review", "POST", Reviews, [], review))).Body?["status"]?["allowed"]?.GetValue<bool>()
        ?? throw new InvalidOperationException("no decision");

    private static async Task PostAsync(ComparedServer server, string path, JsonObject body)
    {
        var answer = await server.SendAsync(new Exchange("create", "POST", path, [], body.ToJsonString()));
        Assert.True(answer.StatusCode == 201, $"{path}: {answer.Body}");
    }
}
