// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;

namespace Sealock.Tests.Patching;

/// <summary>Generated JSON with few names, so that patches hit.</summary>
internal static class JsonTrees
{
    private static readonly string[] Names =
        ["a", "b", "list", "names", "l/x", "name", "$patch", "$retainKeys", "$setElementOrder/list", "$deleteFromPrimitiveList/names"];

    public static Arbitrary<JsonNode?> Values => Value(3, 6).ToArbitrary();

    public static Arbitrary<JsonObject> Objects => Object(3, 6).ToArbitrary();

    /// <summary>Objects in which directives of strategic merge appear.</summary>
    public static Arbitrary<JsonObject> Patches => Object(4, Names.Length).ToArbitrary();

    public static Arbitrary<JsonNode?> Operations
    {
        get
        {
            var path = Gen.ListOf(Gen.Elements("a", "b", "list", "0", "-", "1", "-1", "~", "~1"))
                .Select(parts => (JsonNode?)JsonValue.Create(string.Concat(parts.Take(4).Select(p => "/" + p))));
            var operation = from op in Gen.Elements("add", "remove", "replace", "move", "copy", "test")
                            from at in path
                            from source in path
                            from value in Value(2, 6)
                            select (JsonNode?)new JsonObject { ["op"] = op, ["path"] = at, ["from"] = source, ["value"] = value };
            return Gen.OneOf(Gen.ListOf(operation).Select(o => (JsonNode?)new JsonArray([.. o.Take(5)])), Value(3, 6)).ToArbitrary();
        }
    }

    private static Gen<JsonNode?> Value(int depth, int names) => depth == 0
        ? Gen.OneOf(
            Gen.Elements("x", "y", "replace", "delete", "merge", "").Select(s => (JsonNode?)JsonValue.Create(s)),
            Gen.Choose(-2, 3).Select(i => (JsonNode?)JsonValue.Create(i)),
            Gen.Constant<JsonNode?>(null),
            Gen.Elements(true, false).Select(b => (JsonNode?)JsonValue.Create(b)))
        : Gen.Frequency(
            (3, Value(0, names)),
            (2, Object(depth - 1, names).Select(o => (JsonNode?)o)),
            (2, Gen.ListOf(Value(depth - 1, names)).Select(l => (JsonNode?)new JsonArray([.. l.Take(4).Select(n => n?.DeepClone())]))));

    private static Gen<JsonObject> Object(int depth, int names) =>
        Gen.ListOf(from name in Gen.Elements(Names.Take(names).ToArray()) from value in Value(depth, names) select (name, value))
            .Select(pairs =>
            {
                var map = new JsonObject();
                foreach (var (name, value) in pairs.Take(5))
                {
                    map[name] = value?.DeepClone();
                }

                return map;
            });
}
