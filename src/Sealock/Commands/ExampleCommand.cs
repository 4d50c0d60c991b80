// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Sealock.Commands;

/// <summary>A command whose help starts with examples.</summary>
internal class ExampleCommand : Command
{
    /// <param name="name">The word the user types.</param>
    /// <param name="description">One line on what it does.</param>
    /// <param name="examples">Command lines that work as they stand.</param>
    public ExampleCommand(string name, string description, params string[] examples)
        : base(name, description)
    {
        Examples = examples;
    }

    public IReadOnlyList<string> Examples { get; }

    /// <summary>Lets <c>--help</c> of a tree of commands print examples before everything else.</summary>
    public static void ShowExamples(RootCommand root, params string[] examples)
    {
        foreach (var option in root.Options)
        {
            if (option is HelpOption { Action: HelpAction standard })
                option.Action = new ExamplesFirst(standard, examples);
        }
    }

    private sealed class ExamplesFirst(HelpAction standard, IReadOnlyList<string> ofRoot) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            var examples = parseResult.CommandResult.Command switch
            {
                ExampleCommand command => command.Examples,
                RootCommand => ofRoot,
                _ => [],
            };
            if (examples.Count > 0)
            {
                var output = parseResult.InvocationConfiguration.Output;
                output.WriteLine("Examples:");
                foreach (var example in examples)
                    output.WriteLine("  " + example);
                output.WriteLine();
            }

            return standard.Invoke(parseResult);
        }
    }
}
