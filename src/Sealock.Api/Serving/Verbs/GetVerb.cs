// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Api.Serving.Verbs;

/// <summary>
/// Reads one object. Without a resource version the answer is current; 0 takes what memory has; any other asks for a
/// state at least that new.
/// </summary>
internal sealed class GetVerb(ServerCore core)
{
    /// <summary>Answers.</summary>
    public async ValueTask<ApiResponse> HandleAsync(RequestScope scope, CancellationToken cancellationToken)
    {
        var format = Negotiation.Choose(scope.Request);
        var wanted = scope.Request.Query["resourceVersion"];
        var version = ListOptions.VersionOf(wanted);
        if (wanted.Length == 0)
            await core.Feed.WaitUntilCurrentAsync(cancellationToken);
        else
            await core.Feed.WaitForAsync(version, cancellationToken);
        var entry = scope.Resource.Cache.Find(scope.Namespace, scope.Name) ?? throw scope.NotFound();
        return Answers.Object(scope.Resource, entry, format, core.Clock, scope.Request, 200, []);
    }
}
