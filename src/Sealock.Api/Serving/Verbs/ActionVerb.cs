// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Definitions;
using Sealock.Api.Objects;

namespace Sealock.Api.Serving.Verbs;

/// <summary>
/// Creations that are answered and not stored: reviews, and subresources that act (<c>serviceaccounts/token</c>).
/// </summary>
internal sealed class ActionVerb(ServerCore core, BodyReader bodies)
{
    /// <summary>Answers.</summary>
    public async ValueTask<ApiResponse> HandleAsync(RequestScope scope, CancellationToken cancellationToken)
    {
        var format = Negotiation.Choose(scope.Request, transforms: false);
        var options = WriteOptions.Read(scope.Request, "CreateOptions");
        var answer = scope.Subresource is null ? scope.Definition.Answer : scope.Subresource.Answer;
        var warnings = new List<string>();
        var body = bodies.ReadObject(scope, options, warnings);
        JsonObject? parent = null;
        if (scope.Subresource is not null)
        {
            await core.Feed.WaitUntilCurrentAsync(cancellationToken);
            var entry = scope.Resource.Cache.Find(scope.Namespace, scope.Name) ?? throw scope.NotFound();
            parent = entry.Parse(scope.Definition);
        }
        else
        {
            CreateVerb.EnsureNamespace(scope, ObjectRules.Metadata(body));
            scope.Definition.Default?.Invoke(body);
        }

        var operation = new ObjectOperation
        {
            Definition = scope.Definition,
            Subresource = scope.Subresource,
            Verb = "create",
            User = scope.Request.User,
            Namespace = scope.Namespace,
            Name = scope.Subresource is null ? ObjectRules.Metadata(body).Text("name") : scope.Name,
            Object = body,
            Old = parent,
            DryRun = options.DryRun,
            Now = core.Clock.GetUtcNow(),
            Authorizer = core.Authorizer,
            Objects = core.Registry,
        };
        ObjectRules.RunAction(operation);
        var result = await answer!(operation, cancellationToken); // what is routed here has one
        result.Remove("kind");
        result.Remove("apiVersion");
        result.Insert(0, "kind", scope.Kind);
        result.Insert(1, "apiVersion", scope.ApiVersion);
        warnings.AddRange(operation.Warnings);
        return Answers.Bytes(Answers.Serialize(result), format, 201, warnings);
    }
}
