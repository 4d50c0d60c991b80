// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text.Json.Nodes;
using Sealock.Api.Definitions;
using Sealock.Api.Objects;
using Sealock.Api.Security;
using Sealock.Gateway.Authorization;

namespace Sealock.Gateway.Reviews;

/// <summary>The reviews of authentication.k8s.io/v1: who a token stands for, and who asks.</summary>
internal static class IdentityReviews
{
    private const string ApiGroup = "authentication.k8s.io";

    public static ResourceDefinition SelfSubjectReviews { get; } = Review(
        "SelfSubjectReview", "selfsubjectreviews", (operation, _) =>
        {
            var answer = ReviewAnswer.With(operation, new JsonObject { ["userInfo"] = ReviewAnswer.User(operation.User) });
            answer["metadata"] = new JsonObject
            {
                ["creationTimestamp"] = operation.Now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            };
            return ValueTask.FromResult(answer);
        });

    public static ResourceDefinition TokenReviews(ITokenAuthenticator tokens) => Review(
        "TokenReview", "tokenreviews", async (operation, cancellationToken) =>
        {
            var spec = operation.Object["spec"] as JsonObject;
            var token = JsonFields.Text(spec, "token");
            if (token.Length == 0)
                throw ApiException.BadRequest("token is required for TokenReview in authentication");
            var identity = await tokens.AuthenticateAsync(token, JsonFields.Texts(spec?["audiences"]), cancellationToken);
            return ReviewAnswer.With(operation, identity is null
                ? new JsonObject { ["user"] = new JsonObject(), ["error"] = "invalid bearer token" }
                : Accepted(identity));
        }) with
    { SecretFields = ["spec.token"] };

    private static ResourceDefinition Review(
        string kind, string plural, Func<ObjectOperation, CancellationToken, ValueTask<JsonObject>> answer) => new()
        {
            Group = ApiGroup,
            Version = "v1",
            Kind = kind,
            Plural = plural,
            Scope = ResourceScope.Cluster,
            Verbs = ["create"],
            SchemaName = "io.k8s.api.authentication.v1." + kind,
            Answer = answer,
        };

    private static JsonObject Accepted(TokenIdentity identity)
    {
        var user = identity.User.Groups.Contains(WellKnownGroups.Authenticated)
            ? identity.User
            : identity.User with { Groups = [.. identity.User.Groups, WellKnownGroups.Authenticated] };
        var status = new JsonObject { ["authenticated"] = true, ["user"] = ReviewAnswer.User(user) };
        if (identity.Audiences.Length > 0)
            status["audiences"] = JsonFields.Array(identity.Audiences);
        return status;
    }
}
