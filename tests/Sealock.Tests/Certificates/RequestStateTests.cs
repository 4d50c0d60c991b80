// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using static Sealock.Tests.Certificates.RequestRun;

namespace Sealock.Tests.Certificates;

public sealed class RequestStateTests
{
    private static readonly string[] Certificates = ["", Certificate("CN=one"), Certificate("CN=two"), "garbage"];

    private sealed record Step(string Through, string[] Types, string[] Statuses, int Certificate, bool Keep);

    private static Gen<Step> Steps =>
        from through in Gen.Elements("", "approval", "status", "status")
        from types in Gen.Elements("Approved", "Denied", "Failed", "Other", "").ListOf(3)
        from count in Gen.Choose(0, 3)
        from statuses in Gen.Frequency((4, Gen.Constant("True")), (1, Gen.Elements("False", "Unknown", "", "Maybe"))).ListOf(3)
        from certificate in Gen.Choose(0, Certificates.Length - 1)
        from keep in Gen.Elements(true, true, false)
        select new Step(through, [.. types.Take(count)], [.. statuses], certificate, keep);

    [Fact]
    public void No_sequence_of_updates_reaches_a_forbidden_state() => Prop.ForAll(
        Steps.ListOf().ToArbitrary(),
        steps =>
        {
            var state = Create(Valid()).Object;
            foreach (var step in steps)
            {
                var next = state.DeepClone().AsObject();
                var status = next["status"]!.AsObject();
                var conditions = step.Keep && status["conditions"] is JsonArray present ? present.DeepClone().AsArray() : [];
                for (var i = 0; i < step.Types.Length; i++)
                    conditions.Add((JsonNode)Condition(step.Types[i], step.Statuses[i]));
                status["conditions"] = conditions;
                if (step.Certificate > 0)
                    status["certificate"] = Base64(Certificates[step.Certificate]);
                else
                    status.Remove("certificate");
                var outcome = Update(state, next, step.Through);
                if (!outcome.Accepted)
                    continue;
                CheckTransition(state, outcome.Object, step.Through);
                state = outcome.Object;
                CheckState(state);
            }
        }).QuickCheckThrowOnFailure();

    private static List<string> Types(JsonObject request) =>
        [.. (request["status"]!["conditions"] as JsonArray ?? []).Select(condition => condition!["type"]!.GetValue<string>())];

    private static void CheckState(JsonObject request)
    {
        var types = Types(request);
        Assert.Equal(types.Count, types.Distinct().Count());
        Assert.DoesNotContain("", types);
        Assert.False(types.Contains("Approved") && types.Contains("Denied"));
        foreach (var condition in (request["status"]!["conditions"] as JsonArray ?? []).OfType<JsonObject>())
        {
            var allowed = condition["type"]!.GetValue<string>() is "Approved" or "Denied" or "Failed"
                ? new[] { "True" } : ["True", "False", "Unknown"];
            Assert.Contains(condition["status"]!.GetValue<string>(), allowed);
            Assert.NotNull(condition["lastUpdateTime"]);
            Assert.NotNull(condition["lastTransitionTime"]);
        }

        Assert.NotEqual(Base64("garbage"), request["status"]!["certificate"]?.GetValue<string>());
    }

    private static void CheckTransition(JsonObject before, JsonObject after, string through)
    {
        var (old, now) = (Types(before), Types(after));
        foreach (var type in (string[])["Approved", "Denied", "Failed"])
            Assert.False(old.Contains(type) && !now.Contains(type), $"{type} was removed");
        foreach (var type in (string[])["Approved", "Denied"])
            Assert.False(through != "approval" && !old.Contains(type) && now.Contains(type), $"{type} was added through '{through}'");
        var (oldCertificate, newCertificate) =
            (before["status"]!["certificate"]?.GetValue<string>(), after["status"]!["certificate"]?.GetValue<string>());
        if (oldCertificate != newCertificate)
        {
            Assert.Equal("status", through);
            Assert.Null(oldCertificate);
        }

        Assert.True(JsonNode.DeepEquals(before["spec"], after["spec"]));
    }
}
