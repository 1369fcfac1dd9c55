using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace OrleansFlow.Tests.Architecture;

/// <summary>All C# files of the repository, parsed once.</summary>
internal static class SourceCode
{
    public static IReadOnlyList<SourceFile> Files { get; } =
        [.. Repository.Files.Where(path => path.EndsWith(".cs", StringComparison.Ordinal)).AsParallel().AsOrdered().Select(SourceFile.Read)];

    /// <summary>Files of the given projects under src/.</summary>
    public static IEnumerable<SourceFile> Of(params string[] projects) =>
        Files.Where(file => projects.Any(project => file.Path.StartsWith($"src/{project}/", StringComparison.Ordinal)));
}

internal sealed record SourceFile(string Path, SyntaxNode Syntax)
{
    public int Lines => Syntax.SyntaxTree.GetText().Lines.Count;

    public static SourceFile Read(string path) =>
        new(path, CSharpSyntaxTree.ParseText(Repository.Text(path), new CSharpParseOptions(LanguageVersion.Preview), path).GetRoot());

    public IEnumerable<T> All<T>() where T : SyntaxNode => Syntax.DescendantNodes().OfType<T>();

    public int LineOf(SyntaxNode node) => node.GetLocation().GetLineSpan().StartLinePosition.Line + 1;

    public string At(SyntaxNode node) => $"{Path}:{LineOf(node)}";

    /// <summary>Methods, constructors, operators, accessors and local functions, with the lines of their text (comments above excluded).</summary>
    public IEnumerable<(string Name, int Line, int Lines)> Bodies() =>
        Syntax.DescendantNodes()
            .Where(node => node is BaseMethodDeclarationSyntax or AccessorDeclarationSyntax or LocalFunctionStatementSyntax)
            .Select(node => (NameOf(node), LineOf(node), LinesOf(node)));

    private static int LinesOf(SyntaxNode node)
    {
        var span = node.GetLocation().GetLineSpan();
        return span.EndLinePosition.Line - span.StartLinePosition.Line + 1;
    }

    private static string NameOf(SyntaxNode node) => node switch
    {
        MethodDeclarationSyntax method => method.Identifier.Text,
        ConstructorDeclarationSyntax constructor => constructor.Identifier.Text,
        LocalFunctionStatementSyntax function => function.Identifier.Text,
        AccessorDeclarationSyntax accessor => accessor.Keyword.Text,
        _ => node.Kind().ToString(),
    };
}
