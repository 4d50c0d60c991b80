// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Definitions;
using Sealock.Api.Objects;
using Sealock.Api.Security;
using Sealock.Gateway;
using Sealock.Gateway.Authorization;
using Sealock.Tests.Support;

namespace Sealock.Tests.Authorization;

/// <summary>Runs a definition's rules over an object as the server does, against given roles and bindings.</summary>
internal sealed class RbacRun
{
    public RbacAuthorizer Authorizer { get; } = new();

    public ObjectsInMemory Objects { get; } = new();

    public UserInfo User { get; init; } = RbacDecisionTests.Jane;

    public static ResourceDefinition Definition(string plural) =>
        GatewayDefinitions.All(new NoTokens()).Single(definition => definition.Plural == plural);

    public RbacRun With(RbacRole role)
    {
        var plural = role.Namespace.Length == 0 ? "clusterroles" : "roles";
        Authorizer.Put(plural, RbacQuestions.ToJson(role));
        Objects.Put(RbacAuthorizer.ApiGroup, plural, RbacQuestions.ToJson(role));
        return this;
    }

    public RbacRun With(RbacBinding binding)
    {
        Authorizer.Put(binding.Namespace.Length == 0 ? "clusterrolebindings" : "rolebindings", RbacQuestions.ToJson(binding));
        return this;
    }

    /// <summary>Grants rules to the user everywhere, or in one namespace.</summary>
    public RbacRun Holding(string @namespace, params PolicyRule[] rules) => With(new RbacRole("", "held" + @namespace, [.. rules]))
        .With(new RbacBinding(@namespace, "held", RbacDecisionTests.ClusterRole("held" + @namespace), [RbacDecisionTests.User(User.Name)]));

    /// <summary>What the server answers: null where the object is taken, otherwise the error's message.</summary>
    public string? Try(string plural, string json, string? old = null)
    {
        try
        {
            var operation = Operation(plural, json, old);
            var definition = operation.Definition;
            definition.Default?.Invoke(operation.Object);
            foreach (var check in definition.Admission)
                check(operation);
            var errors = definition.Validate?.Invoke(operation).ToList() ?? [];
            if (errors.Count > 0)
                throw FieldError.ToException(definition.Group, definition.Kind, operation.Name, errors);
            return null;
        }
        catch (ApiException error)
        {
            return error.Message;
        }
    }

    public async Task<JsonObject> AnswerAsync(string plural, string json, string @namespace = "") =>
        await Definition(plural).Answer!(Operation(plural, json, null, @namespace), CancellationToken.None);

    private ObjectOperation Operation(string plural, string json, string? old, string @namespace = "")
    {
        var @object = JsonNode.Parse(json)!.AsObject();
        var metadata = @object["metadata"] as JsonObject;
        return new ObjectOperation
        {
            Definition = Definition(plural),
            Verb = old is null ? "create" : "update",
            User = User,
            Namespace = (string?)metadata?["namespace"] ?? @namespace,
            Name = (string?)metadata?["name"] ?? "",
            Object = @object,
            Old = old is null ? null : JsonNode.Parse(old)!.AsObject(),
            Now = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero),
            Authorizer = Authorizer,
            Objects = Objects,
        };
    }

    private sealed class NoTokens : ITokenAuthenticator
    {
        public ValueTask<TokenIdentity?> AuthenticateAsync(
            string token, System.Collections.Immutable.ImmutableArray<string> audiences, CancellationToken cancellationToken) =>
            ValueTask.FromResult(token == "good"
                ? new TokenIdentity(new UserInfo { Name = "joe", Uid = "1", Groups = ["devs"] }, ["api"])
                : null);
    }
}
