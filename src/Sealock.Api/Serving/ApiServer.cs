// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Sealock.Api.Caching;
using Sealock.Api.Definitions;
using Sealock.Api.Discovery;
using Sealock.Api.Objects;
using Sealock.Api.Schemas;
using Sealock.Api.Security;
using Sealock.Api.Serving.Verbs;
using Sealock.Api.Storage;

namespace Sealock.Api.Serving;

/// <summary>What an <see cref="ApiServer"/> is made of.</summary>
public sealed record ApiServerOptions
{
    /// <summary>Where objects are kept. Not disposed by the server.</summary>
    public required IStore Store { get; init; }

    /// <summary>Everything that is served, in the order in which discovery shows it.</summary>
    public required IReadOnlyList<ResourceDefinition> Definitions { get; init; }

    /// <summary>
    /// Asked by rules about further rights of a user; the request itself is authorized before it comes here.
    /// </summary>
    public required IAuthorizer Authorizer { get; init; }

    /// <summary>The schemas that the definitions name and do not bring themselves.</summary>
    public SchemaCatalog Schemas { get; init; } = SchemaCatalog.Kubernetes;

    /// <summary>The clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Where faults of the background work are reported.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;
}

/// <summary>
/// The API server behind the front door: answers authenticated and authorized requests from memory, and writes to the
/// store.
/// </summary>
public sealed class ApiServer : IAsyncDisposable
{
    private readonly DefinitionRegistry registry;
    private readonly CacheFeed feed;
    private readonly DiscoveryVerb discovery;
    private readonly GetVerb get;
    private readonly ListVerb list;
    private readonly WatchVerb watch;
    private readonly CreateVerb create;
    private readonly UpdateVerb update;
    private readonly PatchVerb patch;
    private readonly DeleteVerb delete;
    private readonly DeleteCollectionVerb deleteCollection;
    private readonly ActionVerb action;

    private ApiServer(ApiServerOptions options)
    {
        registry = new DefinitionRegistry(options.Definitions, options.Clock);
        feed = new CacheFeed(options.Store, registry.Caches, options.Clock, options.Logger);
        var schemas = options.Schemas.WithSchemasOf(options.Definitions);
        var core = new ServerCore(options.Store, registry, feed, options.Authorizer, options.Clock);
        var bodies = new BodyReader(schemas, registry);
        var rules = new ObjectRules(schemas);
        var writer = new ObjectWriter(core);
        discovery = new DiscoveryVerb(options.Definitions, schemas);
        get = new GetVerb(core);
        list = new ListVerb(core);
        watch = new WatchVerb(core);
        create = new CreateVerb(core, bodies, rules, writer, new NamespaceLifecycle(core));
        update = new UpdateVerb(core, bodies, rules, writer, create);
        patch = new PatchVerb(core, bodies, schemas, writer, update);
        delete = new DeleteVerb(core, writer);
        deleteCollection = new DeleteCollectionVerb(core, list, delete);
        action = new ActionVerb(core, bodies);
    }

    /// <summary>The stored objects in memory.</summary>
    public IObjectReader Objects => registry;

    /// <summary>Memory holds every change up to this revision.</summary>
    public long Revision => feed.Revision;

    /// <summary>Makes a server and reads everything stored into memory.</summary>
    public static async Task<ApiServer> StartAsync(ApiServerOptions options, CancellationToken cancellationToken)
    {
        var server = new ApiServer(options);
        try
        {
            await server.feed.StartAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Answers a request (an <see cref="ApiHandler"/>).</summary>
    /// <exception cref="ApiException">The request is refused or has failed.</exception>
    public ValueTask<ApiResponse> HandleAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        var info = request.Info;
        if (!info.IsResource)
            return new ValueTask<ApiResponse>(discovery.Handle(request));
        if (registry.Find(info.Group, info.Version, info.Resource) is not { } resource)
        {
            return registry.Serves(info.Group)
                ? throw ApiException.NoSuchResource()
                : new ValueTask<ApiResponse>(DiscoveryVerb.NotFoundPage());
        }

        var subresource = info.Subresource.Length == 0
            ? null
            : resource.FindSubresource(info.Subresource) ?? throw ApiException.NoSuchResource();
        var scope = new RequestScope(request, resource, subresource);
        CheckPlace(scope);
        return GuardAsync(DispatchAsync(scope, cancellationToken));
    }

    /// <summary>Ends all watches and stops following the store.</summary>
    public ValueTask DisposeAsync() => feed.DisposeAsync();

    /// <summary>The store's faults become answers here.</summary>
    private static async ValueTask<ApiResponse> GuardAsync(ValueTask<ApiResponse> answer)
    {
        try
        {
            return await answer;
        }
        catch (StoreUnavailableException)
        {
            throw ApiException.Unavailable("the store is unavailable; please try again");
        }
    }

    private ValueTask<ApiResponse> DispatchAsync(in RequestScope scope, CancellationToken cancellationToken)
    {
        var verb = scope.Request.Info.Verb;
        var acts = scope.Subresource is null ? !scope.Definition.Stored : scope.Subresource.Answer is not null;
        return verb switch
        {
            "create" when acts => action.HandleAsync(scope, cancellationToken),
            _ when acts => throw ApiException.MethodNotAllowed(),
            "get" => get.HandleAsync(scope, cancellationToken),
            "list" => list.HandleAsync(scope, cancellationToken),
            "watch" => watch.HandleAsync(scope, cancellationToken),
            "create" when scope.Subresource is null => create.HandleAsync(scope, cancellationToken),
            "update" => update.HandleAsync(scope, cancellationToken),
            "patch" => patch.HandleAsync(scope, cancellationToken),
            "delete" when scope.Subresource is null => delete.HandleAsync(scope, cancellationToken),
            "deletecollection" => deleteCollection.HandleAsync(scope, cancellationToken),
            _ => throw ApiException.MethodNotAllowed(),
        };
    }

    /// <summary>Refuses addresses that are not served, and methods that are not served there.</summary>
    private static void CheckPlace(in RequestScope scope)
    {
        var info = scope.Request.Info;
        if (info.Rest.Length > 0 || info.Verb == "proxy")
            throw ApiException.NoSuchResource();
        if (scope.Resource.Namespaced && info.Namespace.Length == 0)
        {
            // Of a namespaced resource only the whole, across namespaces, can be read without naming one.
            if (info.NameInPath)
                throw ApiException.NoSuchResource();
            if (info.Verb is not ("list" or "watch"))
                throw ApiException.MethodNotAllowed();
        }
        else if (!scope.Resource.Namespaced && info.Namespace.Length > 0
            && scope.Definition is not { Group: "", Plural: "namespaces" })
        {
            throw ApiException.NoSuchResource();
        }

        var verbs = scope.Subresource?.Verbs ?? scope.Definition.Verbs;
        var named = info.Verb is "get" or "update" or "patch" or "delete" || scope.Subresource is not null;
        var legacyWatch = info.Verb == "watch" && info.NameInPath;
        if (!verbs.Contains(info.Verb) || (named != info.NameInPath && !legacyWatch)
            || (info.Verb == "watch" && info.Method is not ("GET" or "HEAD")))
            throw ApiException.MethodNotAllowed();
    }
}
