// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Definitions;

namespace Sealock.Api.OpenApi;

/// <summary>Lays out the paths and operations of a resource.</summary>
internal sealed class ApiPaths
{
    public const string Status = Meta + "Status";

    private const string Meta = "io.k8s.apimachinery.pkg.apis.meta.v1.";

    private static readonly string[] PatchTypes =
        ["application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json"];

    private readonly ResourceDefinition _definition;
    private readonly string _listSchema;
    private readonly string _tag;
    private readonly string _idInfix;
    private readonly bool _structural;

    private ApiPaths(ResourceDefinition definition, bool structural)
    {
        _definition = definition;
        _structural = structural;
        _listSchema = definition.SchemaName + "List";
        const string suffix = ".k8s.io";
        var group = definition.Group.EndsWith(suffix, StringComparison.Ordinal)
            ? definition.Group[..^suffix.Length]
            : definition.Group;
        var words = group.Length == 0 ? ["core"] : group.Split('.', '-');
        var camel = string.Concat(words.Select(Capital));
        _tag = char.ToLowerInvariant(camel[0]) + camel[1..] + "_" + definition.Version;
        _idInfix = camel + Capital(definition.Version);
    }

    /// <summary>The paths of one resource; a structural one takes no strategic merge patches.</summary>
    public static IEnumerable<ApiPath> Of(ResourceDefinition definition, bool structural) =>
        new ApiPaths(definition, structural).Paths().Where(path => path.Operations.Count > 0);

    /// <summary><c>api/v1</c> or <c>apis/GROUP/VERSION</c>.</summary>
    public static string Root(ResourceDefinition definition) =>
        definition.Group.Length == 0 ? "api/" + definition.Version : $"apis/{definition.Group}/{definition.Version}";

    private IEnumerable<ApiPath> Paths()
    {
        var root = "/" + Root(_definition);
        var namespaced = _definition.Scope == ResourceScope.Namespaced;
        var collection = (namespaced ? root + "/namespaces/{namespace}/" : root + "/") + _definition.Plural;
        if (namespaced && _definition.Verbs.Contains("list"))
            yield return new ApiPath($"{root}/{_definition.Plural}", [List(allNamespaces: true)]);
        yield return new ApiPath(collection, [.. Collection()]);
        yield return new ApiPath(collection + "/{name}", [.. Item(null)]);
        foreach (var subresource in _definition.Subresources)
            yield return new ApiPath($"{collection}/{{name}}/{subresource.Name}", [.. Item(subresource)]);
    }

    private IEnumerable<ApiOperation> Collection()
    {
        if (_definition.Verbs.Contains("list"))
            yield return List(allNamespaces: false);
        if (_definition.Verbs.Contains("create"))
            yield return Create(null);
        if (_definition.Verbs.Contains("deletecollection"))
        {
            var description = "delete collection of " + _definition.Kind;
            yield return Operation("delete", "deletecollection", "deleteCollection", description, null) with
            {
                Request = Meta + "DeleteOptions",
                RequestRequired = false,
                Response = Status,
                Query = ApiParameter.DeletingMany,
            };
        }
    }

    private IEnumerable<ApiOperation> Item(Subresource? subresource)
    {
        var verbs = subresource?.Verbs ?? _definition.Verbs;
        var what = $"{(subresource is null ? "" : subresource.Name + " of ")}the specified {_definition.Kind}";
        if (verbs.Contains("get"))
            yield return Operation("get", "get", "read", "read " + what, subresource);
        if (verbs.Contains("update"))
        {
            yield return Operation("put", "put", "replace", "replace " + what, subresource) with
            {
                Request = Schema(subresource),
                Query = ApiParameter.Writing,
                Successes = [("200", "OK"), ("201", "Created")],
            };
        }

        if (subresource is not null && verbs.Contains("create"))
            yield return Create(subresource);
        if (subresource is null && verbs.Contains("delete"))
        {
            yield return Operation("delete", "delete", "delete", $"delete {what}", null) with
            {
                Request = Meta + "DeleteOptions",
                RequestRequired = false,
                Response = Status,
                Query = ApiParameter.Deleting,
                Successes = [("200", "OK"), ("202", "Accepted")],
            };
        }

        if (verbs.Contains("patch"))
        {
            yield return Operation("patch", "patch", "patch", "partially update " + what, subresource) with
            {
                Request = Meta + "Patch",
                Query = ApiParameter.Writing,
                Consumes = _structural ? PatchTypes[..2] : PatchTypes,
                Successes = [("200", "OK"), ("201", "Created")],
            };
        }
    }

    private ApiOperation List(bool allNamespaces) =>
        Operation("get", "list", "list", $"list or watch objects of kind {_definition.Kind}", null) with
        {
            Id = allNamespaces ? $"list{_idInfix}{_definition.Kind}ForAllNamespaces" : Id("list", null),
            Response = _listSchema,
            Query = ApiParameter.Listing,
        };

    private ApiOperation Create(Subresource? subresource) => Operation("post", "post", "create",
        $"create {(subresource is null ? "" : subresource.Name + " of ")}a {_definition.Kind}", subresource) with
    {
        Request = Schema(subresource),
        Query = ApiParameter.Writing,
        Successes = [("200", "OK"), ("201", "Created"), ("202", "Accepted")],
    };

    private ApiOperation Operation(
        string method, string action, string idVerb, string description, Subresource? subresource) => new()
        {
            Method = method,
            Action = action,
            Id = Id(idVerb, subresource),
            Tag = _tag,
            Description = description,
            Response = Schema(subresource),
            Kind = new GroupVersionKind(
            subresource?.Group ?? _definition.Group,
            subresource?.Version ?? _definition.Version,
            subresource?.Kind ?? _definition.Kind),
        };

    private string Schema(Subresource? subresource) => subresource?.SchemaName ?? _definition.SchemaName;

    private string Id(string verb, Subresource? subresource)
    {
        var scope = _definition.Scope == ResourceScope.Namespaced ? "Namespaced" : "";
        return $"{verb}{_idInfix}{scope}{_definition.Kind}{(subresource is null ? "" : Capital(subresource.Name))}";
    }

    private static string Capital(string word) => word.Length == 0 ? "" : char.ToUpperInvariant(word[0]) + word[1..];
}
